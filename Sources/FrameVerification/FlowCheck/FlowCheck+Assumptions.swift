extension FlowCheck {
  /// What proofs rest on, one sentence each, without a full stop.
  package static let assumptions = [
    "called functions obey their own call frame information: they return with rsp and callee-saved registers as they found them",
    "stores through pointers that are not known to lead into the frame miss saved registers and the return address",
    "what a sub of rsp takes back right behind a call the callee has popped, where the function's exits are balanced only so",
    "caller-saved registers (psABI 3.2.1) mean nothing after a call",
    "code of nothing but nops and traps that nothing in the file calls, and whose rows declare the return address undefined, is never run",
    "functions are entered at their start, as the ABI says, or by the jumps that were seen",
    "of the code of its own function, an indirect jump without a table that could be read leads to what nothing else leads to",
    "a stack pointer that is loaded from a structure, or passed, was stored there, or passed, by a function of the same file that "
      + "switches stacks or lays them out; a number there is no stack, and a structure is not the one whose address it holds",
    "nothing runs on a stack, or writes to it, from where a function has switched from it to where one switches to it",
  ]
}
