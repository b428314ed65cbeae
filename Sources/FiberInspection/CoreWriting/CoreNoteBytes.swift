internal import CallFrameInfo

/// Types of notes in cores (linux/elf.h). Their name is "CORE", that of `extendedState` "LINUX".
enum CoreNoteType {
  /// NT_PRSTATUS: a thread with its general registers.
  static let status: UInt32 = 1
  /// NT_PRFPREG: the 512 bytes of `fxsave`.
  static let floatingPoint: UInt32 = 2
  /// NT_PRPSINFO.
  static let process: UInt32 = 3
  /// NT_AUXV.
  static let auxiliary: UInt32 = 6
  /// NT_X86_XSTATE: what `xsave` stores.
  static let extendedState: UInt32 = 0x202
  /// NT_FILE.
  static let files: UInt32 = 0x4649_4c45
  /// NT_SIGINFO.
  static let signal: UInt32 = 0x5349_4749
}

/// Notes one after the other, as they lie in a PT_NOTE segment (gABI, chapter 5), padded to four bytes.
struct CoreNoteBytes {
  private(set) var bytes: [UInt8] = []

  /// - Parameter name: without its NUL.
  mutating func append(_ name: String, _ type: UInt32, _ descriptor: some Collection<UInt8>) {
    bytes.append(littleEndian: UInt32(name.utf8.count + 1))
    bytes.append(littleEndian: UInt32(descriptor.count))
    bytes.append(littleEndian: type)
    bytes += name.utf8
    bytes.append(0)
    bytes.pad(to: 4)
    bytes += descriptor
    bytes.pad(to: 4)
  }

  /// A note of a thread or process.
  mutating func append(_ type: UInt32, _ descriptor: some Collection<UInt8>) {
    append(type == CoreNoteType.extendedState ? "LINUX" : "CORE", type, descriptor)
  }

  /// As it was read.
  mutating func append(_ note: Note) { append(note.name, note.type, note.descriptor) }
}
