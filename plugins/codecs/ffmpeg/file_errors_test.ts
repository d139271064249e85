import { equal, match } from "node:assert/strict";
import { codecNameOf, explainErrors, explainUndecodable } from "./file_errors.ts";

Deno.test("explainErrors() says what is wrong with a file, and what to do", () => {
  const invalid = "a.mp4: Invalid data found when processing input";
  match(
    explainErrors(["[mov,mp4 @ 0x5] moov atom not found", invalid]),
    /^it has no index .*: it is truncated, .*; copy it/,
  );
  match(explainErrors(["file:132.src: End of file"]), /^it ends too early: it is truncated, .*; copy it again$/);
  match(explainErrors(["[matroska,webm @ 0x5] File ended prematurely", "b: Input/output error"]), /^it ends too early/);
  match(explainErrors([invalid]), /^ffmpeg finds no video format in it: .* ends within its header; copy it again/);
  match(explainErrors([]), /^ffmpeg finds no video format in it/);
  equal(explainErrors(["[h264 @ 0x5] mmco: unref short failure", invalid]), "mmco: unref short failure");
});

Deno.test("explainUndecodable() tells encrypted streams and unknown codecs from others", () => {
  const side_data_list = [{ side_data_type: "Encryption initialization data" }];
  equal(explainUndecodable({ codec_name: "h264", side_data_list }), "it is encrypted; decrypt it first");
  match(explainUndecodable({ codec_tag_string: "encv" }), /encrypted/);
  match(explainUndecodable({ codec_tag_string: "[0][0][0][0]" }), /does not know its codec; convert/);
  match(
    explainUndecodable({ codec_name: "h264" }),
    /ends after its header, is damaged or encrypted, or your/,
  );
});

Deno.test("codecNameOf() shows a tag only if it can be read", () => {
  equal(codecNameOf({ codec_name: "h264", codec_tag_string: "avc1" }), "h264");
  equal(codecNameOf({ codec_tag_string: "tmcd" }), "tmcd");
  equal(codecNameOf({ codec_tag_string: "[0][0][0][0]" }), "unknown codec");
});
