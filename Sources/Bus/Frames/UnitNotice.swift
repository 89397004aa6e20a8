/// What a unit says of itself: that it is there, and which networks it runs.
public struct UnitNotice: Sendable, Hashable {
  /// One network that it runs.
  public struct Offer: Sendable, Hashable {
    /// The model's name there, for people.
    public var model: String
    /// Which network it is: the same words for the same answers.
    public var network: String
    /// Inferences at the same time.
    public var places: Int
    /// Frames that it takes at a time: those, and what is on its way meanwhile.
    public var slots: Int
    /// How much of its places was at work lately, in thousandths.
    public var busy: Int

    public init(model: String, network: String, places: Int, slots: Int, busy: Int) {
      (self.model, self.network, self.places, self.slots, self.busy) = (model, network, places, slots, busy)
    }
  }

  public var id: String
  public var host: String
  public var offers: [Offer]

  /// Milliseconds for which it holds.
  static let lifetime = 3000
  static let mostPlaces = 4096

  public init(id: String, host: String, offers: [Offer]) { (self.id, self.host, self.offers) = (id, host, offers) }

  /// As it is kept: a line for the host, and one for each network.
  var text: String {
    ([Self.plain(host)]
      + offers.map { offer in
        "\(Self.plain(offer.model)) \(offer.network) \(offer.places) \(offer.slots) \(offer.busy)"
      }).joined(separator: "\n")
  }

  /// What others wrote: lines that are none are passed over, and numbers are believed within bounds.
  init(id: String, text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    self.init(id: id, host: String(lines.first ?? ""), offers: [])
    for line in lines.dropFirst().prefix(256) {
      let words = line.split(separator: " ")
      guard words.count == 5, let places = Int(words[2]), let slots = Int(words[3]), let busy = Int(words[4]),
        (1...Self.mostPlaces).contains(places), (1...Self.mostPlaces).contains(slots)
      else { continue }
      offers.append(
        Offer(
          model: String(words[0]), network: String(words[1]), places: places, slots: slots,
          busy: min(1000, max(0, busy))))
    }
  }

  private static func plain(_ text: String) -> String {
    String(text.map { $0.isWhitespace || $0.isNewline ? "_" : $0 })
  }
}
