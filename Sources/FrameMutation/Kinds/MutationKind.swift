/// One way to make call frame information wrong.
package struct MutationKind: Sendable {
  package enum Class: String, Sendable, Hashable {
    /// The bytes break a rule of their format: lint sees it without a look at the code.
    case structural
    /// Well formed, but it says something else.
    case semantic
  }

  /// Lowercase words with hyphens.
  package let id: String
  package let `class`: Class
  /// One line, without a full stop.
  package let summary: String
  let variants: @Sendable (MutationSite) -> [Mutation]

  init(
    _ id: String, _ class: Class, _ summary: String,
    variants: @escaping @Sendable (MutationSite) -> [Mutation]
  ) {
    self.id = id
    self.class = `class`
    self.summary = summary
    self.variants = variants
  }

  /// All ways to apply it to one function, in the order of its directives; none where nothing of it can be changed so.
  package func mutations(of site: MutationSite) -> [Mutation] { variants(site) }

  /// All of them. Ids are unique.
  package static let all: [MutationKind] =
    records + cies + addresses + searchTable + programs + expressions + drops + moves + cfaChanges + saveChanges
    + bogusRules + ranges + cieMeanings + expressionMeanings + rows
}

/// One change of a file's records.
package struct Mutation: Sendable {
  /// What is changed, for a list of survivors: "def_cfa_offset 16 at 0x1139".
  package let note: String
  /// Changes the records.
  package let apply: @Sendable (inout EditableFrames) -> Void

  init(_ note: String, apply: @escaping @Sendable (inout EditableFrames) -> Void) {
    self.note = note
    self.apply = apply
  }
}
