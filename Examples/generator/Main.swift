// Sequences that are evaluated as far as somebody asks: primes without end, and the leaves of trees.
//
// A generator is a sequence made by a plain function: a loop that never ends (Primes.swift), a recursion that stands still at each
// leaf (Tree.swift). With --pause the program sleeps with a walk half done, for `fibertrace dump` to look at.

internal import ArgumentParser
internal import Glibc

@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generator", abstract: "Sequences evaluated as far as somebody asks.")

  @Flag(help: "Sleep with a walk half done until killed.")
  var pause = false

  func run() throws {
    let primes = try primes()
    print("primes:", Array(primes.prefix(10)))
    print("after these:", Array(primes.prefix(3)))

    let leftToRight = Tree.node(.node(.leaf("the"), .leaf("quick")), .node(.leaf("brown"), .leaf("fox")))
    let chain = Tree.node(.leaf("the"), .node(.leaf("quick"), .node(.leaf("brown"), .leaf("fox"))))
    let other = Tree.node(.leaf("the"), .node(.leaf("quick"), .node(.leaf("red"), .leaf("fox"))))
    print("leaves:", try leftToRight.leaves(named: "leaves").joined(separator: " "))
    print("two shapes of it differ:", try describe(firstDifference(leftToRight, chain)))
    print("another tree differs:", try describe(firstDifference(leftToRight, other)))

    if pause {
      let walk = try leftToRight.leaves(named: "half a walk")
      let words = Array(walk.prefix(2))
      print("generator: pid \(getpid()) stands after '\(words.joined(separator: " "))'; Ctrl-C ends it")
      fflush(nil)
      withExtendedLifetime((primes, walk)) {
        while true { Glibc.pause() }
      }
    }
  }

  private func describe(_ place: Int?) -> String {
    place.map { "at leaf \($0)" } ?? "nowhere"
  }
}
