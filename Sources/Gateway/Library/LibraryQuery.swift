internal import Base
internal import Catalog
internal import Items

/// What routes of the library take behind their question mark.
enum LibraryQuery {
  static let client = word(
    "client", component: "Client", "Whose: the key's own client where it is left away.")
  static let brand = word("brand", component: "Brand", "Only of this brand.")
  static let campaign = word("campaign", component: "Campaign", "Only of this campaign, in the brand.")
  static let tags = QueryParameter.words("tags", component: "Tags", "Only with every one of these tags.")
  static let state = choice(
    "state", component: "AssetState", "Only in this state.", Asset.State.allCases.map(\.rawValue))
  static let kind = choice("kind", component: "AssetKind", "Only videos, or only pictures.", ["video", "picture"])
  static let text = word("q", component: "Words", "Only with these words in name, tags, brand or campaign.")
  static let from = moment("from", component: "From", "Only what was added at this moment or later.")
  static let before = moment("before", component: "Before", "Only what was added before this moment.")
  static let limit = QueryParameter.count(
    "limit", component: "Limit", "So many at most; 50 where it is left away.", in: 1...ItemLimits.pageCount)
  static let after = word("after", component: "After", "Go on where an answer ended: its next.")
  static let by = choice(
    "by", component: "Level", "One total for each of the client's brands or campaigns.",
    AssetLevel.allCases.map(\.rawValue))

  static func word(_ name: String, component: String, _ text: String) -> QueryParameter<String> {
    QueryParameter(
      name, component: component, text, schema: ["type": "string", "minLength": 1], expectation: "some text"
    ) { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
  }

  static func choice(
    _ name: String, component: String, _ text: String, _ words: [String]
  ) -> QueryParameter<String> {
    QueryParameter(
      name, component: component, text, schema: ["type": "string", "enum": .list(words.map { .text($0) })],
      expectation: words.joined(separator: " or ")
    ) { words.contains($0) ? $0 : nil }
  }

  /// In milliseconds since 1970.
  static func moment(_ name: String, component: String, _ text: String) -> QueryParameter<Int> {
    QueryParameter(
      name, component: component, text, schema: ["type": "string", "format": "date-time"],
      expectation: "a moment such as 2026-11-27T08:30:00Z"
    ) { text in
      CompositeKey.milliseconds(of: text)
        ?? UTC.seconds(text.count == 10 ? text + "T00:00:00Z" : text).map { $0 * 1000 }
    }
  }

  /// A token that a page gave, where one is there.
  static func token(_ query: Query) throws(Failure) -> PageToken? { try query(after).map { PageToken(text: $0) } }
}
