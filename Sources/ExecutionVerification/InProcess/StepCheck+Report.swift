extension StepCheck {
  /// What came of stepping a closure.
  public struct Report: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, by module, function and place. One for each rule and function and, of registers, each register.
    public let findings: [Finding]
    /// How many instructions were executed one by one.
    public let instructions: Int
    /// The functions that were judged, by name, each with its parts as often as it was called.
    public let functions: [Function]
    /// What could not be read, and what could not be judged, one line each.
    public let problems: [String]
    /// What was passed over since nobody has named it: functions without rows, which compilers make of some helpers. One line each.
    public let notes: [String]

    /// The findings, a line each, behind a line that counts, and before what was not judged.
    public var description: String {
      let head =
        "\(counted(findings.count, "finding")) in \(counted(functions.count, "function")), \(counted(instructions, "instruction"))"
      return ([head] + findings.map(\.description) + problems + notes).joined(separator: "\n")
    }
  }

  /// A report on what was not stepped: one finding says why.
  package static func report(of error: StepCheckError) -> Report {
    let finding = Finding(
      rule: .incomplete, function: "", offset: 0, instruction: "", places: 1, claim: "each instruction is stepped",
      reality: error.description, module: "", address: 0, source: nil)
    return Report(findings: [finding], instructions: 0, functions: [], problems: [], notes: [])
  }

  /// A function that was executed and judged.
  public struct Function: Sendable, Hashable, CustomStringConvertible {
    /// As people write it; the address in the file if no symbol tells.
    public let name: String
    /// The path of the file that it is in.
    public let module: String
    /// How many times it was called.
    public let activations: Int

    /// Its name.
    public var description: String { name }
  }

  /// What a row says and an execution showed not to be so, or what a function did not give back.
  public struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// What was checked.
    public let rule: Rule
    /// As people write it; "" where no symbol tells, and of the whole closure.
    public let function: String
    /// How far the first instruction that it was seen at is behind the function's symbol, in bytes.
    public let offset: UInt64
    /// That instruction, in Intel's syntax; "" of the whole closure.
    public let instruction: String
    /// How many instructions of the function it was seen at.
    public let places: Int
    /// What is said: by the row in force before the instruction, or by the ABI.
    public let claim: String
    /// What is so.
    public let reality: String
    /// The path of the file that the code is in; "" of the whole closure.
    public let module: String
    /// The instruction's address in that file.
    public let address: UInt64
    /// Where it was written, if debug information tells: "path:line".
    public let source: String?

    /// One line: the place, the instruction, the rule, what is said and what is so.
    public var description: String {
      guard !module.isEmpty else { return "\(rule): \(claim), but \(reality)" }
      let place = function.isEmpty ? "\(module)+0x\(String(address, radix: 16))" : "\(function)+\(offset)"
      let more = places > 1 ? " (and at \(places - 1) more instruction\(places == 2 ? "" : "s") of it)" : ""
      return "\(source.map { "\($0): " } ?? "")\(place): \(instruction): \(rule): \(claim), but \(reality)\(more)"
    }
  }

  /// What is checked. More may be added.
  public struct Rule: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// Lowercase words with hyphens, never changed once published.
    public let rawValue: String

    /// A rule of this name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Its name.
    public var description: String { rawValue }

    /// The row's CFA is where the frame lies: rsp behind the return address.
    public static let cfa = Rule(rawValue: "step-cfa")
    /// The row leads to the return address.
    public static let returnAddress = Rule(rawValue: "step-return-address")
    /// The row leads to what a callee-saved register has in the caller.
    public static let register = Rule(rawValue: "step-register")
    /// Rows lead through all callers.
    public static let walk = Rule(rawValue: "step-walk")
    /// The row says that there is no caller only where there is none.
    public static let outermost = Rule(rawValue: "step-outermost")
    /// The row can be evaluated.
    public static let rowFailed = Rule(rawValue: "step-row-failed")
    /// A row covers the instruction. Asked for where functions are named.
    public static let noRow = Rule(rawValue: "step-no-row")
    /// A function gives back rbx, rbp, rsp and r12 to r15, unless its row declares them undefined. Of functions of Swift, which passes
    /// errors, `self` and contexts in r12 to r14, these are not asked for.
    public static let registerKept = Rule(rawValue: "step-register-kept")
    /// rsp behind a call is what it was before it.
    public static let stackAfter = Rule(rawValue: "step-stack-after")
    /// The direction flag, the control bits of mxcsr and the x87 control word behind the closure are what they were before it.
    public static let controlAfter = Rule(rawValue: "step-control-after")
    /// The closure returns, and is not ended by a fault.
    public static let fault = Rule(rawValue: "step-fault")
    /// All of the closure was stepped, and what was named was executed.
    public static let incomplete = Rule(rawValue: "step-incomplete")
  }
}
