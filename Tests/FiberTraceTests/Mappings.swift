import Foundation

/// The lines of /proc/self/maps. (`Data(contentsOf:)` reads one page of a file whose size is said to be 0.)
func mappingCount() throws -> Int {
  let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps"))
  return try (file.readToEnd() ?? Data()).count { $0 == UInt8(ascii: "\n") }
}

/// Bytes of this process that are in memory.
func residentBytes() throws -> Int {
  let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
  return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
}

/// Lets this process map no more than `bytes` beside what it has mapped.
func limitAddressSpace(more bytes: Int) {
  let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
  guard let pages = text?.split(separator: " ").first.flatMap({ Int($0) }) else { exit(100) }
  let most = rlim_t(pages * 4096 + bytes)
  var limit = rlimit(rlim_cur: most, rlim_max: most)
  guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { exit(101) }
}
