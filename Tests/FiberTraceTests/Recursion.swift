/// A recursion that no optimizer turns into a loop.
@inline(never)
func recurse(_ depth: Int) -> Int {
  depth == 0 ? 0 : 1 + recurse(opaque(depth - 1))
}

@inline(never) @_optimize(none)
private func opaque(_ value: Int) -> Int { value }

/// Writes a byte that must not be optimized away.
@inline(never) @_optimize(none)
func touch(_ address: UInt64, _ value: UInt8 = 1) {
  unsafe UnsafeMutablePointer<UInt8>(bitPattern: UInt(address))?.pointee = value
}
