internal import Foundation
internal import TestSupport
import Testing

@Suite("The headers, which other runtimes copy,")
struct HeaderTests {
  /// Every function that the headers define inline, so that none escapes a compiler's warnings.
  private static let use = """
    #include "CFiberAsm.h"
    FT_REGISTRY_DEFINE(my_registry, "my runtime");
    uint64_t use(void);
    uint64_t use(void) {
      struct ft_record *record = ft_registry_acquire(&my_registry);
      if (record == NULL)
        return 0;
      record->base = ft_stack_base(4096, 8192, ft_registry_next_id(&my_registry));
      uint64_t id = ft_registry_publish(&my_registry, record);
      void *value = ft_suspend(record, ft_resume(record, NULL));
      struct ft_catches catches = {NULL, 0};
      value = ft_resume_keeping_catches(record, value, &catches);
      ft_record_set_wait(record, 0);
      ft_record_mark(record, FT_FLAG_FINISHED);
      ft_thread_set_number(ft_thread_number() + (uint64_t)ft_thread_access_list_is_unsought());
      ft_stack_end(ft_stack_begin(4096, 8192), 4096, 8192);
      ft_thread_stack_cache()->slot = NULL;
      ft_registry_release(&my_registry, record);
      return id + (uint64_t)value + ft_thread_number() + ft_frame_address() + (uint64_t)ft_own_registry();
    }

    """

  @Test(
    "compile without a warning in strict modes from C11 and C++11 on, by gcc and by clang",
    arguments: ProgramBuilder.Compiler.allCases, ["c11", "c17", "c++11", "c++17", "c++20"])
  func strictModes(_ compiler: ProgramBuilder.Compiler, _ standard: String) async throws {
    let isCPlusPlus = standard.hasPrefix("c++")
    let builder = try ProgramBuilder()
    let source = builder.path(isCPlusPlus ? "use.cpp" : "use.c")
    try Self.use.write(toFile: source, atomically: true, encoding: .utf8)
    try await builder.compile(
      source, to: builder.path("use.o"), with: compiler, flags: ["-std=\(standard)", "-Wpedantic"])
  }

  @Test(
    "leave one note for each registry in a shared object, also after link-time optimization and removal of sections",
    arguments: [[], ["-flto"], ["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]])
  func notes(_ flags: [String]) async throws {
    let builder = try ProgramBuilder()
    let sources = ["one", "two"].map { name in (builder.path("\(name).c"), name) }
    for (source, name) in sources {
      let text = "#include \"FiberTraceRegistry.h\"\nFT_REGISTRY_DEFINE(\(name), \"\(name)\");\n"
      try text.write(toFile: source, atomically: true, encoding: .utf8)
    }
    let image = builder.path("two.so")
    let include = ProgramBuilder.switchSources.appending(path: "include").path
    let linked = try await CommandQueue.run(
      "gcc", ["-O2", "-fPIC", "-shared", "-I", include] + flags + sources.map(\.0) + ["-o", image])
    try #require(linked.succeeded, "\(linked.report)")
    let notes = try await CommandQueue.run("readelf", ["-nW", image])
    #expect(notes.output.split(separator: "\n").count { $0.hasPrefix("  FiberTrace           0x00000008") } == 2)
    #expect(notes.errors.isEmpty)
  }
}
