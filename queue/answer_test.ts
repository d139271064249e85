import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { isConnectionError, untilAnswered, whileAnswered } from "./answer.ts";

const coded = (code: string, message = "") => Object.assign(new Error(message), { code });

Deno.test("isConnectionError() tells servers that cannot be reached from errors in a request", () => {
  const lost = [
    ...["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "57P01", "57P03", "08006", "53300"].map((code) => coded(code)),
    ...["Connection is closed.", "Connection terminated unexpectedly", "timeout exceeded when trying to connect"]
      .map((message) => new Error(message)),
  ];
  const others = [coded("42P01"), coded("ERR_INVALID_ARG_TYPE"), new Error("ERR syntax error"), "ECONNREFUSED"];
  equal([...lost, ...others].filter(isConnectionError), lost);
});

Deno.test("untilAnswered() repeats a request until the server answers", async () => {
  let asked = 0, silent = 0;
  const ask = () => asked++ === 0 ? Promise.reject(coded("ECONNREFUSED")) : Promise.resolve("answer");
  const { signal } = new AbortController();
  equal([await untilAnswered(ask, signal, () => silent++), asked, silent], ["answer", 2, 1]);
  await rejects(untilAnswered(() => Promise.reject(new Error("no")), signal, () => {}), /^Error: no$/);
});

Deno.test("untilAnswered() stops when its signal aborts", async () => {
  const controller = new AbortController(), never = Promise.withResolvers<void>().promise;
  const answered = untilAnswered(() => never, controller.signal, () => {});
  controller.abort(new Error("stop"));
  await rejects(answered, /^Error: stop$/);
  await rejects(untilAnswered(() => Promise.reject(new Error("asked")), controller.signal, () => {}), /^Error: stop$/);
});

Deno.test("whileAnswered() waits for work only while the server answers", async () => {
  const never = Promise.withResolvers<void>().promise, answers = () => Promise.resolve();
  equal(await whileAnswered(Promise.resolve(), answers), true);
  equal(await whileAnswered(never, () => Promise.reject(coded("ECONNREFUSED"))), false);
  await rejects(whileAnswered(Promise.reject(new Error("broken")), answers), /^Error: broken$/);
});
