import Foundation

/// What somebody who followed a process may have left behind.
struct ProcessTraces {
  let process: Int32

  /// Its children too.
  static func family(of process: Int32) -> [ProcessTraces] {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    let children = threads.flatMap { thread in
      ((try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/children", encoding: .utf8)) ?? "")
        .split(separator: " ").compactMap { Int32($0) }
    }
    return ([process] + children).map { ProcessTraces(process: $0) }
  }

  /// Threads that are traced or stopped, one line each.
  var held: [String] {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    return threads.compactMap { thread in
      guard let status = try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/status", encoding: .utf8) else {
        return nil
      }
      let lines = status.split(separator: "\n")
      let state = lines.first { $0.hasPrefix("State:") } ?? ""
      let tracer = lines.first { $0.hasPrefix("TracerPid:") } ?? ""
      return tracer == "TracerPid:\t0" && !state.hasPrefix("State:\tt") && !state.hasPrefix("State:\tT")
        ? nil : "\(thread): \(state), \(tracer)"
    }
  }

  /// Where code in memory is not what its file has: a breakpoint, say. One line each.
  var changedCode: [String] {
    guard let maps = try? String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8),
      let memory = FileHandle(forReadingAtPath: "/proc/\(process)/mem")
    else { return [] }
    return maps.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ", maxSplits: 5)
      guard fields.count == 6, fields[1].contains("x") else { return nil }
      let path = fields[5].drop { $0 == " " }
      let ends = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      guard path.hasPrefix("/"), ends.count == 2, let offset = UInt64(fields[2], radix: 16),
        let file = FileHandle(forReadingAtPath: String(path))
      else { return nil }
      let size = Int(ends[1] - ends[0])
      guard (try? file.seek(toOffset: offset)) != nil, let wanted = try? file.read(upToCount: size),
        (try? memory.seek(toOffset: ends[0])) != nil, let found = try? memory.read(upToCount: size)
      else { return nil }
      let places = zip(wanted, found).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
      return places.first.map { "\(path): \(places.count) bytes differ, the first at \($0)" }
    }
  }

  /// Clock ticks that it has executed for (proc(5), utime); nil if it has ended.
  var ticks: Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[end...].split(separator: " ")
    // Dead: Z or X, and no other thread.
    guard fields.count > 17, !(["Z", "X"].contains(fields[1]) && fields[18] == "1") else { return nil }
    return Int(fields[12])
  }

  /// Waits until it has executed some more.
  ///
  /// - Returns: false if it has ended instead, or has not done so in a minute.
  func runsOn() -> Bool {
    guard let start = ticks else { return false }
    let end = ContinuousClock.now + .seconds(60)
    while let now = ticks, ContinuousClock.now < end {
      if now > start + 3 { return true }
      usleep(1000)
    }
    return false
  }

  /// Whether a signal waits for its main thread.
  func isPending(_ signal: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigPnd:") }),
      let mask = line.split(separator: "\t").last.flatMap({ UInt64($0, radix: 16) })
    else { return false }
    return mask >> UInt64(signal - 1) & 1 == 1
  }
}
