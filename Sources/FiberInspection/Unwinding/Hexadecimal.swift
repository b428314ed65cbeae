/// `value` as messages and dumps show an address: 0x and lower-case digits.
func hexadecimal(_ value: UInt64) -> String {
  "0x" + String(value, radix: 16)
}
