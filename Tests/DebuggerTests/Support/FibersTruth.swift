/// What Programs/fibers.c has printed of itself.
struct FibersTruth {
  /// A frame of the program's own.
  struct Frame {
    var function: String
    /// Nil in assembly.
    var line: Int?
    /// What a debugger has to show for $rip and the registers of `registers`; nil where the program does not know.
    var pc: String?
    var kept: [String]?
    /// Variables and their values.
    var locals: [String: String] = [:]
  }

  struct Stack {
    var id: Int
    var name: String
    /// The innermost first.
    var frames: [Frame] = []
  }

  static let registers = ["rbx", "r12", "r13", "r14", "r15"]

  var stacks: [Stack] = []

  /// The stack of a name; an empty one if there is none, which no test expects.
  subscript(name: String) -> Stack { stacks.first { $0.name == name } ?? Stack(id: -1, name: name) }

  /// The value of a variable in the outermost frame of a function on a stack; empty if there is none, which no test expects.
  func value(of variable: String, in function: String, of stack: String) -> String {
    self[stack].frames.last { $0.function == function }?.locals[variable] ?? ""
  }

  init(_ greeting: String) {
    for line in greeting.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "stack":
        stacks.append(Stack(id: Int(words[1]) ?? -1, name: words[2...].joined(separator: " ")))
      case "frame":
        let known = words[3] == "-" ? nil : Array(words[3...])
        stacks[stacks.count - 1].frames.insert(
          Frame(
            function: words[1], line: words[2] == "0" ? nil : Int(words[2]), pc: known?[0],
            kept: known.map { Array($0[1...]) }), at: 0)
      case "local":
        stacks[stacks.count - 1].frames[0].locals[words[1]] = words[2]
      default: break
      }
    }
  }
}
