import type { Attribute } from "../binding/attributes.ts";
import { ATTRIBUTE_TYPES, DATA_TYPES } from "../binding/constants.ts";

const { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_STRING, TF_ATTR_SHAPE } = ATTRIBUTE_TYPES;

/** An attribute that names an element type. */
export const typeOf = (name: string, value: number | readonly number[] = DATA_TYPES.TF_FLOAT): Attribute => ({
  name,
  type: TF_ATTR_TYPE,
  value,
});
/** An attribute of integers. */
export const ints = (name: string, value: number | readonly number[]): Attribute => ({
  name,
  type: TF_ATTR_INT,
  value,
});
/** An attribute with a fraction. */
export const float = (name: string, value: number): Attribute => ({ name, type: TF_ATTR_FLOAT, value });
/** An attribute that is true or false. */
export const bool = (name: string, value: boolean): Attribute => ({ name, type: TF_ATTR_BOOL, value });
/** An attribute of text. */
export const text = (name: string, value: string | readonly string[]): Attribute => ({
  name,
  type: TF_ATTR_STRING,
  value,
});
/** An attribute that is a shape. */
export const shape = (name: string, value: readonly number[]): Attribute => ({ name, type: TF_ATTR_SHAPE, value });
