/// A caller of the code that runs, as the truth has it.
package struct TrueFrame: Sendable, Hashable {
  /// Where it goes on: a return address, or the instruction that a signal interrupted.
  package var pc: UInt64
  /// rsp there: the CFA of its callee.
  package var sp: UInt64

  package init(pc: UInt64, sp: UInt64) {
    self.pc = pc
    self.sp = sp
  }
}
