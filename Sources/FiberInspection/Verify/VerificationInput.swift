internal import CallFrameInfo
internal import Glibc

/// The files that somebody named, and those in the directories that somebody named.
package struct VerificationInput {
  /// One file.
  package struct Item: Sendable, Hashable {
    /// Its path.
    package var path: String
    /// In bytes; 0 if it is not known.
    package var size: UInt64 = 0
    /// Why it cannot be read, if that is known already.
    package var failure: String?
  }

  /// What a directory has beside x86-64 programs, libraries and object files.
  package struct Skipped: Sendable, Hashable {
    /// The directory, as it was named.
    package var directory: String
    /// Files and devices that are none of these.
    package var others = 0
    /// Symbolic links, which are not followed.
    package var links = 0
    /// Further names of files that are there already.
    package var duplicates = 0
  }

  private struct Identity: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  /// In the order of the arguments; those of a directory by name, each in bytes.
  package private(set) var items: [Item] = []
  /// For each directory that was named.
  package private(set) var skipped: [Skipped] = []
  private var seen: Set<Identity> = []

  /// Looks at all paths: a file is taken whatever it is, a directory is walked. O(n log n) in the number of names.
  package init(_ paths: [String]) {
    for path in paths {
      guard let status = try? FileStatus(path: path) else {
        // Why is said when it is opened.
        items.append(Item(path: path))
        continue
      }
      if status.kind == .directory {
        walk(path)
      } else {
        seen.insert(Identity(device: status.device, inode: status.inode))
        items.append(Item(path: path, size: status.size))
      }
    }
  }

  private mutating func walk(_ root: String) {
    var skipped = Skipped(directory: root)
    let before = items.count
    // Paths still to look at, the next one last: no depth of directories is too much.
    var pending = [root]
    while let path = pending.popLast() {
      do throws(SystemError) {
        let entry = path == root ? try FileStatus(path: path) : try FileStatus(linkAt: path)
        switch entry.kind {
        case .directory:
          let names = try DirectoryNames.all(in: path)
          pending += names.reversed().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
        case .regular: try take(path, entry, &skipped)
        case .other where entry.isLink: skipped.links += 1
        case .fifo, .other: skipped.others += 1
        }
      } catch {
        // It went away meanwhile.
        if error.number == ENOENT, path != root { continue }
        items.append(Item(path: path, failure: "not readable: \(error.text)"))
      }
    }
    // Nobody shall take it for verified.
    if items.count == before, skipped.duplicates == 0 {
      items.append(Item(path: root, failure: "a directory without a program, library or object file for x86-64"))
    }
    self.skipped.append(skipped)
  }

  private mutating func take(_ path: String, _ status: FileStatus, _ skipped: inout Skipped) throws(SystemError) {
    let file = try OpenFile.open(path)
    guard ELFStart(FileBytes(file, size: status.size).bytes(at: 0, count: ELFStart.size)).isForUs else {
      skipped.others += 1
      return
    }
    guard seen.insert(Identity(device: status.device, inode: status.inode)).inserted else {
      skipped.duplicates += 1
      return
    }
    items.append(Item(path: path, size: status.size))
  }
}

/// The first bytes of a file, which tell whether a directory's file is looked at.
private struct ELFStart {
  /// Up to the end of `e_machine` (gABI, "ELF Header").
  static let size: UInt64 = 20

  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// It is an ELF file; one that is long enough to say so is an x86-64 program, library or object file.
  var isForUs: Bool {
    guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return false }
    // A file cut short is damaged, and its reader says so.
    guard bytes.count == Self.size else { return true }
    // ELFCLASS64, ELFDATA2LSB; ET_REL, ET_EXEC, ET_DYN; EM_X86_64.
    return bytes[4] == 2 && bytes[5] == 1 && (1...3).contains(bytes[16]) && bytes[17] == 0 && bytes[18] == 62
      && bytes[19] == 0
  }
}
