public import Items

/// Which analyses a network answered in.
extension LibrarySchema {
  private static let places = 0..<4

  /// Analyses by the digest of the network at each of their first places, from the oldest to the newest.
  public static let answered = places.map { answers("answered-\($0)", "ANSWERED", at: $0, "digest") }

  /// The same by the digest of the model as it was published, where the pipeline says something over its recipe.
  public static let answeredChanged = places.map {
    answers("answered-changed-\($0)", "ANSWERED-CHANGED", at: $0, "version")
  }

  /// Analyses with more networks than have an index of their place, which are few: each of them is looked into.
  public static let answeredByMany = IndexDeclaration(
    "answered-many", partition: [.text("ANSWERED-BY-MANY")],
    sort: [.attribute("made"), .attribute("of"), .element(of: "models", at: places.upperBound, "digest")],
    projection: [])

  private static func answers(_ name: String, _ word: String, at place: Int, _ member: String) -> IndexDeclaration {
    IndexDeclaration(
      name, partition: [.text(word), .element(of: "models", at: place, member)],
      sort: [.attribute("made"), .attribute("of")], projection: [])
  }
}
