/// Why an unwinder cannot be used, in one line.
package struct AgreementError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
