// swift-tools-version: 6.2

import PackageDescription

// What is fuzzed is compiled here once more, with the instrumentation of libFuzzer, AddressSanitizer and coverage.
// A package of its own: flags like these are for root packages only.
let instrumented: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .unsafeFlags([
    // libFuzzer has the main function.
    "-parse-as-library", "-sanitize=fuzzer,address", "-profile-generate", "-profile-coverage-mapping",
    "-warnings-as-errors",
  ]),
]

let package = Package(
  name: "Fuzz",
  targets: [
    // A link to the sources of the package above.
    .target(name: "CallFrameInfo", swiftSettings: instrumented),
    // The same, and what decodes instructions.
    .systemLibrary(name: "CZydis"),
    .target(name: "Instructions", dependencies: ["CZydis"], swiftSettings: instrumented),
    // The same: what reads a file's code and records.
    .target(
      name: "FrameVerification", dependencies: ["CallFrameInfo", "Instructions"], exclude: ["Report", "Waivers"],
      swiftSettings: instrumented),
    // libFuzzer's start, and how much memory a case takes.
    .target(name: "CFuzzer"),
    .executableTarget(
      name: "ReaderFuzzer", dependencies: ["CallFrameInfo", "FrameVerification", "Instructions", "CFuzzer"],
      swiftSettings: instrumented,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-profile-generate", "-use-ld=lld"])]),
  ]
)
