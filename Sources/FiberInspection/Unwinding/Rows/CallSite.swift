/// Tells whether an instruction that calls stands before an address.
package enum CallSite {
  /// The longest: a REX prefix, opcode, ModRM, SIB and four bytes of displacement.
  package static let longest = 8

  /// Whether `bytes`, the last of which stands just before a return address, end in a near call (Intel SDM 2A, CALL): E8 with a
  /// relative target, or FF /2 through a register or memory. Bytes that are something else may look like one.
  ///
  /// - Parameter isCode: whether an address may be executed; the target of a relative call has to be.
  package static func ends(_ bytes: [UInt8], before address: UInt64, isCode: (UInt64) -> Bool) -> Bool {
    let count = bytes.count
    if count >= 5, bytes[count - 5] == 0xe8 {
      let distance = bytes[(count - 4)...].reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
      if isCode(address &+ UInt64(bitPattern: Int64(Int32(bitPattern: distance)))) { return true }
    }
    for size in 2...7 where count >= size && bytes[count - size] == 0xff {
      let form = bytes[count - size + 1]
      if form >> 3 & 7 == 2, length(form, size > 2 ? bytes[count - size + 2] : nil) == size { return true }
    }
    return false
  }

  /// Bytes of an instruction of one opcode byte with this ModRM and, where that asks for one, this SIB.
  private static func length(_ form: UInt8, _ sib: UInt8?) -> Int? {
    let mode = form >> 6
    let register = form & 7
    if mode == 3 { return 2 }
    var length = 2
    if register == 4 {
      guard let sib else { return nil }
      length += 1
      if mode == 0, sib & 7 == 5 { length += 4 }
    } else if mode == 0, register == 5 {
      length += 4
    }
    if mode == 1 { length += 1 }
    if mode == 2 { length += 4 }
    return length
  }
}
