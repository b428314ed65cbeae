internal import CFiberAsm
internal import CallFrameInfo

/// Which threads of a core are fibers: a note of ours, so that readers that know fibers show them as such and not
/// twice.
///
/// Its name is "FiberTrace", its type `0x46540002`. (Not 2, though 1 is the type of the note that leads to a registry:
/// gdb and whatever else uses BFD takes a note of type 1 or 2 in a core for NT_PRSTATUS or NT_PRFPREG, whoever its name
/// says has defined it.) The descriptor, little-endian:
///
/// | offset | size | |
/// |---|---|---|
/// | 0 | 4 | version, 1 |
/// | 4 | 4 | size of an entry in bytes, 24 or more |
/// | 8 | – | entries, as many as there is room for |
///
/// | offset in an entry | size | |
/// |---|---|---|
/// | 0 | 8 | id of the thread, as in its NT_PRSTATUS |
/// | 8 | 8 | address of the head of the fiber's registry |
/// | 16 | 8 | id of the fiber in that registry |
struct FiberThreadTable {
  struct Entry: Hashable {
    let thread: Int32
    let registry: UInt64
    let fiber: UInt64
  }

  /// See above.
  static let noteType: UInt32 = 0x4654_0002
  static let noteName = FT_NOTE_NAME
  private static let version: UInt32 = 1
  private static let headSize = 8
  private static let entrySize = 24
  /// PID_MAX_LIMIT of the kernel's threads.h: no thread of the system has a higher id, so none can be hidden by this
  /// note.
  static let highestThread: Int32 = 4_194_304

  var entries: [Entry] = []

  init(_ entries: [Entry]) { self.entries = entries }

  /// Reads a descriptor; nil if it is damaged or newer. O(its size).
  init?(_ descriptor: ArraySlice<UInt8>) {
    guard let version: UInt32 = descriptor.littleEndian(0), version == Self.version,
      let size: UInt32 = descriptor.littleEndian(4), size >= Self.entrySize
    else { return nil }
    for offset in stride(from: Self.headSize, through: descriptor.count - Int(size), by: Int(size)) {
      guard let id: UInt64 = descriptor.littleEndian(offset), let thread = Int32(exactly: id),
        thread > Self.highestThread, let registry: UInt64 = descriptor.littleEndian(offset + 8),
        let fiber: UInt64 = descriptor.littleEndian(offset + 16)
      else { return nil }
      entries.append(Entry(thread: thread, registry: registry, fiber: fiber))
    }
  }

  /// The descriptor.
  var descriptor: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.headSize + entries.count * Self.entrySize)
    bytes.append(littleEndian: Self.version)
    bytes.append(littleEndian: UInt32(Self.entrySize))
    for entry in entries {
      bytes.append(littleEndian: UInt64(UInt32(bitPattern: entry.thread)))
      bytes.append(littleEndian: entry.registry)
      bytes.append(littleEndian: entry.fiber)
    }
    return bytes
  }
}

extension Note {
  /// It is the note described by `FiberThreadTable`.
  var isFiberThreadTable: Bool { name == FT_NOTE_NAME && type == FiberThreadTable.noteType }
}
