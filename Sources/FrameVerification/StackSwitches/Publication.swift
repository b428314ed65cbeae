internal import Instructions

/// The address of a frame, stored where other code finds it to switch to that frame's stack.
///
/// A switch of stacks is a load of rsp or rbp from such a field: which frame it is in then, no state before it knows. But every
/// word in the field was stored by some code, and that code's state knows the frame whose address it stored. A row behind the load that
/// is right for each of them is right.
struct Publication: Sendable {
  /// The address of the instruction that stores it.
  let from: UInt64
  /// Where in memory, in bytes behind the pointer that leads there.
  let field: Int64
  /// What is stored, in the terms of `state`.
  let word: AbstractValue
  /// What is known when control leaves the frame, or the block that stores.
  let state: AbstractState
  /// Words that the code has written around a place that is not its own frame: what a stack that nothing has run on yet begins with.
  let words: [AbstractState.Slot]

  /// The frame is the one of the code that stores its address, not one that it lays out in memory.
  var isOwnFrame: Bool { word.isFrameAddress }
}

extension Instruction {
  /// It writes a word that a register holds to memory that is not found by rsp or rbp.
  var storesElsewhere: Store? {
    guard let store, store.size == 8, case .register = store.value, let base = store.address.base, base != .rsp,
      base != .rbp, store.address.index == nil, !store.address.isElsewhere
    else { return nil }
    return store
  }

  /// It loads rsp or rbp from memory that is not found by itself: which may be a switch to another stack.
  var stackLoad: (register: Int, address: Address)? {
    guard case .move(let register, .memory(let address)) = effect, register == .rsp || register == .rbp,
      let base = address.base, base != register, base != .rsp, address.index == nil, !address.isElsewhere
    else { return nil }
    return (Int(register.rawValue), address)
  }
}

extension AbstractState {
  /// How far behind the pointer that leads there a word lies; nil for a word of the frame itself.
  func field(of address: Instruction.Address) -> Int64? {
    let place = place(of: address)
    if place.isFrameAddress { return nil }
    return place.isPlace && place.constant == nil ? Int64(place.offset) : address.displacement
  }
}
