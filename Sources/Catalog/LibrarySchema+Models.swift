public import Items

/// Which analyses a network answered in.
extension LibrarySchema {
  /// Analyses by the digest of the network at each of their first places, from the oldest to the newest.
  ///
  /// Where a pipeline says something over a model's recipe, the digest that counts is that of the model as it was published. Analyses of more
  /// networks than there are indexes stand in ``answeredByMany`` too.
  public static let answered = (0..<4).map { place in
    IndexDeclaration(
      "answered-\(place)",
      partition: [.text("ANSWERED"), .element(of: "models", at: place, ["version", "digest"])],
      sort: [.attribute("made"), .attribute("of")], projection: [])
  }

  /// Analyses with more networks than have an index of their place, which are few: each of them is looked into.
  public static let answeredByMany = IndexDeclaration(
    "answered-many", partition: [.text("ANSWERED"), .text("MANY")],
    sort: [.attribute("made"), .attribute("of"), .element(of: "models", at: 4, ["digest"])], projection: [])
}
