internal import Instructions

extension AbstractValue {
  /// The function was given it: it lies at a known distance from an argument (psABI, 3.2.3).
  var isArgument: Bool {
    guard let register = entryRegister else { return false }
    return [.rdi, .rsi, .rdx, .rcx, .r8, .r9].contains(GeneralRegister(rawValue: UInt8(register)))
  }
}

/// What one function stores where others find it, and loads from there, as far as stack pointers are concerned.
///
/// Pointers are told apart by the base of their value: a register at entry, or what an instruction loaded.
struct FunctionHarvest: Sendable {
  /// A word stored outside the frame.
  struct Publication: Sendable {
    /// The instruction.
    var address: UInt64
    /// Where the word lies, or `passed`.
    var field: AbstractValue
    /// What it is: an address in the frame, a number, or another pointer plus a number.
    var value: AbstractValue
  }

  /// A load of a stack pointer, behind which the row goes by it.
  struct StackLoad: Sendable {
    /// The instruction.
    var address: UInt64
    /// The instruction behind it.
    var next: UInt64
    /// What is loaded, by DWARF number.
    var register: Int
    /// Where from, or `passed`.
    var field: AbstractValue
  }

  /// The word at a distance from one pointer is another pointer.
  struct Edge: Sendable, Hashable {
    var from: UInt32
    var offset: Int32
    var to: UInt32
  }

  /// In place of a field: the word is an argument, or what a function returns.
  static var passed: AbstractValue { .constant(0) }

  /// More of each are not looked at.
  static let limit = 1 << 10

  /// Index of the FDE.
  let fde: Int
  /// It stores the address of code that no call enters.
  var isLayingOut = false
  var publications: [Publication] = []
  var stackLoads: [StackLoad] = []
  var edges: Set<Edge> = []
  /// Where each named word was loaded from, by the base of its name.
  var origins: [UInt32: AbstractValue] = [:]
  /// What is true wherever the function gives control away: at its switches, or else where it returns.
  var leaving: AbstractState?
  /// There was more than `limit` of something.
  var isIncomplete = false

  init(fde: Int) { self.fde = fde }

  mutating func note(_ publication: Publication) {
    guard publications.count < Self.limit else {
      isIncomplete = true
      return
    }
    publications.append(publication)
  }

  mutating func note(_ edge: Edge) {
    guard edges.count < Self.limit else {
      isIncomplete = true
      return
    }
    edges.insert(edge)
  }

  /// Takes up what is true at one more place where control is given away.
  mutating func leave(_ state: inout AbstractState) {
    guard var known = leaving else {
      leaving = state
      return
    }
    _ = known.meet(&state)
    leaving = known
  }
}
