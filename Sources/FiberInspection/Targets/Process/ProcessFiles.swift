/// The files that a live process has mapped, each opened once.
final class ProcessFiles {
  private struct Key: Hashable {
    let path: String
    let inode: UInt64
  }

  private let target: ProcessTarget
  private let descriptors = DescriptorLimit()
  private var opened: [Key: ModuleFile] = [:]
  private let executable: String?

  init(_ target: ProcessTarget) {
    self.target = target
    executable = try? ProcFile.link("/proc/\(target.thread)/exe")
  }

  /// Path of the program, if the kernel tells.
  var executablePath: String? {
    executable.map { $0.hasSuffix(" (deleted)") ? String($0.dropLast(" (deleted)".count)) : $0 }
  }

  /// The modules among `maps`.
  func modules(in maps: ProcessMaps) -> (modules: [FoundModule], problems: [Problem], notes: [Problem]) {
    let inodes = Dictionary(
      zip(maps.mappings.lazy.map(\.range.lowerBound), maps.inodes), uniquingKeysWith: { first, _ in first })
    var finder = ModuleFinder(
      mappings: maps.mappings, memory: ProcessMemory(thread: target.thread), target: target.place,
      open: { [self] in file(of: $0, inode: inodes[$0.range.lowerBound] ?? 0) })
    let modules = finder.modules()
    return (modules, finder.problems, finder.notes)
  }

  private func file(of mapping: Mapping, inode: UInt64) -> ModuleFile {
    let key = Key(path: mapping.path, inode: inode)
    if let known = opened[key] { return known }
    let file = descriptors.admit(open(mapping, inode: inode), path: mapping.path)
    opened[key] = file
    return file
  }

  /// By what certainly is the mapped file, whatever has become of its name; else by its name in the process's own view.
  private func open(_ mapping: Mapping, inode: UInt64) -> ModuleFile {
    let low = String(mapping.range.lowerBound, radix: 16)
    let high = String(mapping.range.upperBound, radix: 16)
    // Only root may follow these (CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE).
    if let file = try? OpenFile.open("/proc/\(target.thread)/map_files/\(low)-\(high)", name: mapping.path) {
      return .opened(file, isMapped: true)
    }
    let isExecutable = mapping.path == executablePath
    let path = isExecutable ? "/proc/\(target.thread)/exe" : "/proc/\(target.thread)/root\(mapping.path)"
    if mapping.isDeleted, !isExecutable {
      return .failed(
        "\(mapping.path) was removed or replaced since \(target.place) mapped it, and only root can open it still: run as root"
      )
    }
    do {
      guard try FileStatus(path: path).kind == .regular else { return .failed("\(mapping.path) is not a regular file") }
      let file = try OpenFile.open(path, name: mapping.path)
      // Some file systems report another device than /proc/PID/maps does; the inode is the same everywhere.
      let isMapped = try file.status().inode == inode
      return .opened(file, isMapped: isMapped)
    } catch {
      return .failed("\(mapping.path) cannot be opened: \(error.text)")
    }
  }
}
