export * from "@slomo/core";
