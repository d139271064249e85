import { add, compare, divide, multiply, type Rational, rational, subtract } from "../time/rational.ts";
import { type CurvePiece, inPiece } from "./curve.ts";

/** How a speed changes into the next: at once at its end, evenly, or with a smooth start and end. */
export type SpeedCurve = "constant" | "linear" | "smooth";

/** A part of the source and the speed at which it plays. */
export interface SpeedSpan {
  /** Duration in the source in seconds, above 0; `undefined` for the rest of the source. */
  readonly length: Rational | undefined;
  /** Speed at its start: 1 is the source's, 1/8 is eight times slower. */
  readonly from: Rational;
  /** Speed at its end. */
  readonly to: Rational;
  /** How the speed changes. */
  readonly curve: SpeedCurve;
}

const ZERO = rational(0), HALF = rational(1, 2);

/** A list of pieces, each of which begins where the previous one ends. */
export class PieceList {
  /** The pieces. */
  readonly pieces: CurvePiece[] = [];
  /** End in the output, in seconds. */
  output: Rational = ZERO;
  /** Time of the source at the end, in seconds from its first frame. */
  source: Rational;

  /** Creates a list that begins at a time of the source. */
  constructor(source: Rational = ZERO) {
    this.source = source;
  }

  /** Adds a piece of a duration in the output. */
  add(length: Rational | undefined, terms: readonly Rational[], direction: CurvePiece["direction"]): void {
    const piece: CurvePiece = { output: this.output, length, source: this.source, terms, direction };
    this.pieces.push(piece);
    if (!length) return;
    this.output = add(this.output, length);
    this.source = inPiece(piece, length);
  }

  /** Adds a part of the source. Speeds change over the time of the output, so that all times are rational. */
  play({ length, from, to, curve }: SpeedSpan): void {
    if (!length) return this.add(undefined, [from], 1);
    if (curve === "constant" || compare(from, to) === 0) return this.add(divide(length, from), [from], 1);
    const mean = multiply(add(from, to), HALF), seconds = divide(length, mean), change = subtract(to, from);
    // The speed is from + change·p or from + change·(3p² − 2p³), where p = x / seconds; these are its integrals.
    const terms = curve === "linear" ? [from, divide(multiply(change, HALF), seconds)] : [
      from,
      ZERO,
      divide(change, multiply(seconds, seconds)),
      divide(multiply(change, rational(-1, 2)), cube(seconds)),
    ];
    this.add(seconds, terms, 1);
  }

  /** Holds one frame for a duration in the output. */
  hold(length: Rational): void {
    this.add(length, [ZERO], 0);
  }
}

const cube = (value: Rational): Rational => multiply(value, multiply(value, value));
