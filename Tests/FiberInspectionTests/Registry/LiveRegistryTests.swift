import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Registries of real processes, corrupted by the processes themselves.
@Suite struct LiveRegistryTests {
  /// What is corrupt, what a line about it says, and how many fibers are shown nevertheless (nil: no registry).
  static let cases: [(what: String, text: String, fibers: Int?)] = [
    ("magic", "it starts with 0x1, expected", nil), ("version", "registry version 2 in", nil),
    ("cycle", "list of chunks is cyclic", 2), ("capacity", "claims 288230376151711743 records", 2),
    ("chunk", "its chunk at 0x10 cannot be read", 0), ("sp", "saved sp 0x1234 is not on its stack", 2),
    ("base", "cannot be read", 2), ("name", "its name at 0x10 cannot be read", 2),
  ]

  @Test(arguments: cases.indices) func aCorruptRegistryIsOneLine(index: Int) throws {
    let (what, text, fibers) = Self.cases[index]
    let program = try RunningProgram("corrupt", what)
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.problems.count == 1, "\(snapshot.problems)")
    #expect(snapshot.problems.first?.description.contains(text) == true, "\(snapshot.problems)")
    #expect(snapshot.registries.first?.fibers.count == fibers)
    #expect(snapshot.threads.count == 1)
    // The fiber that is sound is there with all its frames.
    if fibers == 2 { #expect(snapshot.holdsFrames(of: try #require(snapshot.fiber(2)))) }
    try program.expectUnharmed()
  }

  @Test func aCyclicLinkIsRead() throws {
    let program = try RunningProgram("corrupt", "link")
    let snapshot = try Snapshot.capture(processID: program.id)
    let fiber = try #require(snapshot.fiber(1))
    #expect(fiber.link == fiber.base)
    #expect(snapshot.problems.isEmpty)
    try program.expectUnharmed()
  }

  @Test func severalRegistriesOfOneProcessAreRead() throws {
    let directory = try TemporaryDirectory()
    let library = directory.file("libother.so")
    try """
    #include "CFiberAsm.h"
    static void *entry(struct ft_record *record, void *value, void *argument) { return value; }
    __attribute__((visibility("default"))) void start(void) {
      static char stack[8192] __attribute__((aligned(16)));
      uint64_t low = (uint64_t)stack, id = ft_registry_next_id(&ft_fiber_registry);
      struct ft_record *record = ft_registry_acquire(&ft_fiber_registry);
      ft_fiber_init(record, low, low + 8192, ft_stack_base(low, low + 8192, id), entry, NULL);
      record->name = (uint64_t)"in the library";
      ft_record_publish(record, id);
    }
    FT_REGISTRY_DEFINE(other_registry, "another runtime");
    """.write(toFile: directory.file("other.c"), atomically: true, encoding: .utf8)
    try """
    #include <stdio.h>
    #include <unistd.h>
    void start(void);
    int main(void) { start(); puts("ready"); fflush(stdout); alarm(600); for (;;) pause(); }
    """.write(toFile: directory.file("main.c"), atomically: true, encoding: .utf8)
    try FiberProgram.build([directory.file("other.c")], to: library, ["-shared", "-fPIC"])
    let output = directory.file("two")
    try FiberProgram.build([directory.file("main.c"), library], to: output, ["-Wl,-rpath,\(directory.path)"])
    let program = try RunningProgram(path: output)
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
    #expect(Set(snapshot.registries.map(\.modulePath)) == [output, library])
    #expect(
      snapshot.registries.filter { $0.modulePath == library }.map(\.runtime).sorted() == [
        "FiberTrace", "another runtime",
      ])
    #expect(snapshot.registries.flatMap(\.fibers).map(\.name) == ["in the library"])
  }
}
