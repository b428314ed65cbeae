import CallFrameInfo
import ExecutionRecordings
import Foundation
import TestSupport
import Testing

/// Functions of a library inside another program, with call frame information and without.
struct RecordedModuleTests {
  private static let library = """
    long twice(long a) { return a * 2; }
    long thrice(long (*f)(long), long a) { return f(a) + a; }
    long bare(long (*f)(long), long a);
    __asm__(".globl bare\\n.type bare, @function\\nbare:\\npush %rbx\\npush %r12\\nsub $8, %rsp\\nmov %rdi, %rbx\\nmov %rsi, %r12\\n"
            "mov %rsi, %rdi\\ncall *%rbx\\nadd %r12, %rax\\nadd $8, %rsp\\npop %r12\\npop %rbx\\nret\\n.size bare, .-bare\\n");
    """
  private static let user = """
    long twice(long), thrice(long (*)(long), long), bare(long (*)(long), long);
    static long own(long a) { return twice(a) + 1; }
    int main(void) { return thrice(own, 4) == 13 && bare(own, 5) == 16 ? 0 : 1; }
    """

  private let directory: TemporaryDirectory
  private let library: String
  private let program: String

  init() throws {
    directory = try TemporaryDirectory()
    library = directory.file("liboperations.so")
    program = directory.file("user")
    let source = try directory.write(Self.library, to: "operations.c")
    try #require(try run("/usr/bin/env", ["gcc", "-shared", "-fPIC", "-O1", "-o", library, source]).succeeded)
    let user = try directory.write(Self.user, to: "user.c")
    let linked = try run(
      "/usr/bin/env", ["gcc", "-O1", "-o", program, user, library, "-Wl,-rpath,\(directory.path)"])
    try #require(linked.succeeded)
  }

  @Test func `functions of a library are recorded, the program's between them are not`() throws {
    let recording = try Recording(running: program, module: library)
    #expect(recording.status == 0)
    // thrice, and twice called by way of the program's own function below it, both times.
    #expect(recording.activations.count == 3)
    #expect(recording.activations.allSatisfy { $0.preserved != nil })
    #expect(recording.activations[1].cfa < recording.activations[0].cfa)
    #expect(recording.bias != 0)
  }

  @Test func `a function without call frame information is recorded where its addresses are given`() throws {
    let elf = try ELFFile(reading: ByteArray([UInt8](Data(contentsOf: URL(filePath: library))), name: library))
    let symbols = try #require(try elf.symbols())
    let bare = try #require(symbols.first { symbols.name(of: $0) == "bare" })
    let addresses = bare.value..<bare.value + bare.size
    let recording = try Recording(running: program, module: library, functions: [addresses])
    #expect(recording.status == 0)
    #expect(recording.activations.count == 1)
    let call = recording.activations[0]
    #expect(call.function == bare.value && call.recoverable == Activation.calleeSaved)
    // Every instruction once, the call of foreign code among them.
    #expect(recording.visits.count == 12 && recording.visits.allSatisfy { addresses.contains($0.pc) })
    // Behind `sub $8, %rsp` the return address lies 24 bytes above rsp.
    let inside = recording.visits[5]
    #expect(inside.registers[7] + 32 == call.cfa)
    #expect(recording.word(at: inside.registers[7] + 24, in: inside) == call.returnAddress)
  }

  @Test func `a library that is not loaded is named`() throws {
    let error = #expect(throws: RecordingError.self) {
      try Recording(running: "/bin/true", module: library)
    }
    #expect(error?.description.contains(library) == true)
  }
}
