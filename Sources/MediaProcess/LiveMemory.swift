internal import Base
internal import Ingest
internal import Isolation

/// What one connection to a live source leaves for the next one, whose process knows nothing else of it.
public struct LiveMemory: Sendable, Hashable {
  /// The segment of a playlist up to which all was given.
  var played: HLSPlaylist.Place?
  /// The camera hung up when it was asked by GET_PARAMETER whether it is there.
  var avoidsParameters = false

  public init() {}

  init(played: HLSPlaylist.Place?) { self.played = played }

  init(avoidsParameters: Bool) { self.avoidsParameters = avoidsParameters }

  func write(_ fields: inout FieldWriter) {
    fields.add(played) { fields, place in
      fields.add(place.number)
      fields.add(place.address)
      fields.add(place.start)
    }
    fields.add(avoidsParameters)
  }

  /// A process that tells it is not believed beyond what a playlist can say.
  init(_ fields: inout FieldReader) throws(Fault) {
    played = try fields.optional { (fields) throws(Fault) in
      let number = try fields.integer(in: -1...1 << 54)
      return HLSPlaylist.Place(
        number: number, address: try fields.text(), start: try fields.integer(in: 0...1 << 52))
    }
    avoidsParameters = try fields.flag()
  }
}
