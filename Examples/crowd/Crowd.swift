// A crowd of fibers: ships that lie at known places of a harbour.
//
// Each ship that is under way goes through 10 to 18 functions, of which the last, one of 56, suspends it. Some have not left yet,
// some are home again. With --truth the program says as JSON what each fiber is doing, as its own functions have written it down:
// a dump can be held against that. With --pause it then sleeps until it is killed. Otherwise it brings all ships home, and checks
// that each has found its stack as it left it.

internal import ArgumentParser
internal import FiberTrace
internal import Glibc

@main
struct Crowd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crowd", abstract: "Many suspended fibers, and the truth about them.")

  @Option(help: ArgumentHelp("How many fibers, 1 or more.", valueName: "n"))
  var fibers = 1000

  @Option(help: ArgumentHelp("What draws their ways; equal seeds give equal crowds.", valueName: "s"))
  var seed: UInt64 = 1

  @Flag(help: "Print what each fiber is doing, as JSON.")
  var truth = false

  @Flag(help: "Sleep with all fibers in their places until killed.")
  var pause = false

  func validate() throws {
    guard fibers >= 1 else { throw ValidationError("--fibers needs a number of 1 or more, not '\(fibers)'.") }
  }

  func run() throws {
    let harbour = try Harbour(ships: fibers, seed: seed)
    if truth { Truth(harbour).write() }
    if pause { stand(harbour) }
    try harbour.bringHome()
    if !truth { print("crowd: \(fibers) fibers have come home, each with its cargo") }
  }

  /// Says that all stand, and sleeps. Standard output, if it has the truth, ends before: who reads it need not wait for more.
  private func stand(_ harbour: Harbour) -> Never {
    let line =
      "crowd: pid \(getpid()) holds \(fibers) fibers, \(harbour.count(of: .suspended)) of them suspended; Ctrl-C ends it\n"
    if truth {
      close(STDOUT_FILENO)
      writeAll(Array(line.utf8), to: STDERR_FILENO)
    } else {
      writeAll(Array(line.utf8), to: STDOUT_FILENO)
    }
    while true { Glibc.pause() }
  }
}
