import Foundation
import TestSupport
import Testing

/// What crowd says of itself.
private struct Truth: Decodable, Equatable {
  struct Fiber: Decodable, Equatable {
    var id: UInt64
    var name: String?
    var state: String
    var waiting: String?
    var functions: [String]
  }

  struct Summary: Decodable, Equatable {
    var fibers: Int
    var suspended: Int
    var notStarted: Int
    var finished: Int
    var innermostFunctions: Int
    var meanFunctions: Double
    var meanBytes: Double
  }

  var process: Int32
  var fibers: [Fiber]
  var summary: Summary

  /// Runs crowd to its end.
  init(fibers: Int, seed: Int = 1) throws {
    let run = try run(Package.product("crowd"), ["--fibers", "\(fibers)", "--seed", "\(seed)", "--truth"])
    try #require(run.status == 0, "\(run.errors)")
    self = try JSONDecoder().decode(Truth.self, from: Data(run.output.utf8))
  }
}

@Suite("The sample crowd")
struct CrowdTests {
  @Test("brings all fibers home with what they had on their stacks", arguments: [1, 100, 3000])
  func comesHome(fibers: Int) throws {
    let run = try run(Package.product("crowd"), ["--fibers", "\(fibers)"])
    #expect(run.output == "crowd: \(fibers) fibers have come home, each with its cargo\n")
    #expect(run.status == 0)
  }

  @Test("has 13 functions and 1 KiB of stack a fiber on average, in more than 50 innermost functions")
  func isLarge() throws {
    let truth = try Truth(fibers: 2000)
    let suspended = truth.fibers.filter { $0.state == "suspended" }
    #expect(truth.fibers.map(\.id) == Array(1...2000))
    #expect(truth.summary.suspended == suspended.count && suspended.count == 1960)
    #expect(truth.summary.notStarted == 20 && truth.summary.finished == 20)
    #expect(truth.fibers.allSatisfy { $0.functions.isEmpty == ($0.state != "suspended") })
    #expect(suspended.allSatisfy { (10...18).contains($0.functions.count) && $0.functions.last == "sail(_:_:)" })
    #expect(truth.fibers.count { $0.name != nil } == 500)
    #expect(suspended.count { $0.waiting == nil } > 0)

    let innermost = Set(suspended.compactMap(\.functions.first)).count
    #expect(truth.summary.innermostFunctions == innermost)
    #expect(innermost >= 50)
    let mean = Double(suspended.reduce(0) { $0 + $1.functions.count }) / Double(suspended.count)
    #expect(abs(truth.summary.meanFunctions - mean) < 0.01)
    #expect(mean >= 13)
    #expect(truth.summary.meanBytes >= 1024)
  }

  @Test("is the same for the same seed, and another for another")
  func seeds() throws {
    let one = try Truth(fibers: 300, seed: 7)
    let same = try Truth(fibers: 300, seed: 7)
    let other = try Truth(fibers: 300, seed: 8)
    #expect(one.fibers == same.fibers)
    #expect(one.fibers != other.fibers)
  }

  @Test("ends its truth before it sleeps, and says on standard error that it stands")
  func truthAndPause() throws {
    let process = Process()
    let output = Pipe()
    let error = Pipe()
    process.executableURL = URL(filePath: try Package.product("crowd"))
    process.arguments = ["--fibers", "500", "--truth", "--pause"]
    process.standardOutput = output
    process.standardError = error
    try process.run()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    // To the end of the file: the program has closed it.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let truth = try JSONDecoder().decode(Truth.self, from: text)
    #expect(truth.process == process.processIdentifier)
    #expect(truth.fibers.count == 500)
    let line = String(decoding: error.fileHandleForReading.availableData, as: UTF8.self)
    #expect(
      line == "crowd: pid \(process.processIdentifier) holds 500 fibers, 490 of them suspended; Ctrl-C ends it\n")
    #expect(process.isRunning)
  }

  @Test(
    "has room for 100,000 fibers",
    .enabled(if: Sanitizer.isNone, "sanitizers have not: they keep much for each stack"))
  func hundredThousand() throws {
    let run = try run(Package.product("crowd"), ["--fibers", "100000"])
    #expect(run.output == "crowd: 100000 fibers have come home, each with its cargo\n")
  }
}
