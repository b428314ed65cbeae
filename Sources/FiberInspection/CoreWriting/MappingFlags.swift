/// What /proc/PID/smaps says of mappings beyond /proc/PID/maps (its line "VmFlags").
///
/// It is read before the process is stopped, since the kernel looks at every page for it. A mapping that has come or
/// changed meanwhile counts as an ordinary one.
struct MappingFlags {
  /// Left out of cores by the program: `madvise(MADV_DONTDUMP)`, "dd".
  private(set) var isLeftOut: Set<Range<UInt64>> = []
  /// Memory of a device: "io" or "pf".
  private(set) var isDevice: Set<Range<UInt64>> = []

  init() {}

  init(thread: Int32) throws(SystemError) {
    self.init(parsing: String(decoding: try ProcFile.read("/proc/\(thread)/smaps"), as: UTF8.self))
  }

  /// O(lines).
  init(parsing text: String) {
    var range: Range<UInt64>?
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: "VmFlags:".utf8) {
        let flags = line.dropFirst(8).split(separator: UInt8(ascii: " "))
        guard let range else { continue }
        if flags.contains(where: { $0.elementsEqual("dd".utf8) }) { isLeftOut.insert(range) }
        if flags.contains(where: { $0.elementsEqual("io".utf8) || $0.elementsEqual("pf".utf8) }) {
          isDevice.insert(range)
        }
      } else if let first = line.first, first < UInt8(ascii: "A") || first >= UInt8(ascii: "a") {
        // Fields begin with capital letters, addresses with hexadecimal digits.
        let bounds = line.prefix { $0 != UInt8(ascii: " ") }.split(separator: UInt8(ascii: "-"))
        guard bounds.count == 2, let low = UInt64(Substring(bounds[0]), radix: 16),
          let high = UInt64(Substring(bounds[1]), radix: 16), low < high
        else { continue }
        range = low..<high
      }
    }
  }
}
