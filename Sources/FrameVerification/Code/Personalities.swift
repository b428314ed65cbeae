/// Personality routines: what stands in the LSDAs that they read.
enum Personalities {
  /// Whether the routine of this name reads call-site tables as GCC writes them (see `CallSites`).
  static func usesCallSites(_ name: String) -> Bool { names.contains(name) }

  private static let names: Set<String> = [
    // libgcc and libstdc++
    "__gcc_personality_v0", "__gxx_personality_v0", "__gnat_personality_v0", "__gnat_eh_personality",
    "__gnu_objc_personality_v0", "__gdc_personality_v0", "__gccgo_personality_v0",
    // LLVM's D, Objective-C and Rust
    "_d_eh_personality", "__objc_personality_v0", "rust_eh_personality",
  ]
}
