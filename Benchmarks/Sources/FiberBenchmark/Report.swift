internal import CContenders
internal import CXXContenders
internal import Glibc

/// All that a run of the benchmark has found.
struct Report: Codable {
  let machine: Machine
  /// Slices of each contender in a process.
  let rounds: Int
  /// Processes for each pair of contenders.
  let processes: Int
  var cases: [CaseResult] = []
  var calls: [CallResult] = []
}

/// What the figures depend on.
struct Machine: Codable {
  let processor: String
  let processorCount: Int
  /// Of the last minute, at the start.
  let load: Double
  let kernel: String
  let libc: String
  let libunwind: String
  let boost: String
  let clang: String

  init() {
    let description = (try? readFile("/proc/cpuinfo")) ?? ""
    let model = description.split(separator: "\n").first { $0.hasPrefix("model name") }
    processor = model?.split(separator: ":").last.map { String($0.drop { $0 == " " }) } ?? "unknown"
    processorCount = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    var load = 0.0
    _ = unsafe getloadavg(&load, 1)
    self.load = load
    kernel = (try? readFile("/proc/sys/kernel/osrelease"))?.split(separator: "\n").first.map(String.init) ?? "unknown"
    libc = unsafe String(cString: libc_version())
    libunwind = unsafe String(cString: libunwind_version())
    boost = unsafe String(cString: boost_version())
    clang = unsafe String(cString: clang_version())
  }

  var text: String {
    "\(processor), \(processorCount) processors, load \(decimal(load)), Linux \(kernel)\n"
      + "clang \(clang), glibc \(libc), Boost \(boost), libunwind \(libunwind)"
  }
}
