import { deepStrictEqual as equal, match } from "node:assert/strict";
import * as ops from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { mappings } from "../../engine/onnx/mappings/mod.ts";
import { functionOf, traceablePage } from "./traceable_page.ts";

Deno.test("the page of traceable ops lists functions that exist, one for each mapping", () => {
  const namespaces: Readonly<Record<string, unknown>> = { ...tf, ops };
  const isFunction = (name: string) => {
    const value = name.split(".").reduce<unknown>(
      (found, key) => (found as Record<string, unknown>)?.[key],
      namespaces,
    );
    return typeof value === "function";
  };
  const names = Object.keys(mappings).map(functionOf);
  equal(names.filter((name) => !isFunction(name)), []);
  const page = traceablePage();
  for (const name of names) match(page, new RegExp(`\`${RegExp.escape(name)}\``));
});
