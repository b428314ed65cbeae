// Fibers on several threads at once, on stacks above and below those of the threads that resume them.
//
// Each thread makes its own fibers and resumes them in turn. The stacks of every second thread lie at addresses far below all
// fibers; the main thread's, which resumes fibers too, above. With --pause each thread stands still in one of its fibers, while the
// others are suspended, for debuggers to look at: a backtrace leads from the fiber down, or up, to the thread's own stack.

internal import ArgumentParser
internal import Glibc

@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "threads", abstract: "Fibers on several threads, above and below their stacks.")

  @Option(help: ArgumentHelp("How many threads, besides the main thread; 1 or more.", valueName: "n"))
  var threads = 4

  @Option(help: ArgumentHelp("How many fibers each has, 1 or more.", valueName: "n"))
  var fibers = 5

  @Option(help: ArgumentHelp("How often each fiber is resumed, 1 or more.", valueName: "n"))
  var rounds = 1000

  @Flag(help: "Sleep in fibers of all threads until killed.")
  var pause = false

  func validate() throws {
    for (option, value) in [("threads", threads), ("fibers", fibers), ("rounds", rounds)] where value < 1 {
      throw ValidationError("--\(option) needs a number of 1 or more, not '\(value)'.")
    }
  }

  func run() throws {
    let standing = pause ? Rendezvous(threads: threads) : nil
    var running: [SystemThread] = []
    for number in 1...threads {
      let worker = Worker(number: number, fibers: fibers, rounds: rounds, standing: standing)
      running.append(
        try SystemThread(stack: number.isMultiple(of: 2) ? .low(number) : .system) { worker.reportOrExit() })
    }
    // The main thread's turn: thread 0.
    print(Worker(number: 0, fibers: fibers, rounds: rounds, standing: standing).reportOrExit())
    for thread in running { print(thread.join()) }
  }
}
