/** Thrown if the stream ends inside a packet. */
export class TruncatedError extends Error {
  override readonly name = "TruncatedError";
}

/** Reads numbers and bytes from a stream of chunks of any size. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #position = 0;

  /** Reads from `chunks`, on demand. */
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Returns the next byte, or −1 at the end of the stream. */
  byte(): number | Promise<number> {
    return this.#position < this.#chunk.length ? this.#chunk[this.#position++]! : this.#nextByte();
  }

  async #nextByte(): Promise<number> {
    return await this.#fill() ? this.#chunk[this.#position++]! : -1;
  }

  /** Reads a variable-length number. */
  async varint(): Promise<bigint> {
    for (let value = 0n;;) {
      const byte = await this.byte();
      if (byte < 0) throw new TruncatedError("nut: the stream ends inside a number");
      value = (value << 7n) | BigInt(byte & 127);
      if (byte < 128) return value;
    }
  }

  /** Copies the next `length` bytes into a new buffer: the only copy between pipe and frame. */
  async bytes(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (this.#position >= this.#chunk.length && !await this.#fill()) {
        throw new TruncatedError(`nut: the stream ends ${length - filled} bytes before the end of a packet`);
      }
      const part = this.#chunk.subarray(this.#position, this.#position + length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#position += part.length;
    }
    return bytes;
  }

  async #fill(): Promise<boolean> {
    do {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      this.#chunk = value;
      this.#position = 0;
    } while (this.#chunk.length === 0);
    return true;
  }
}
