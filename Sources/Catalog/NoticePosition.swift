public import Base
public import Items
internal import JSON

/// How far the library's changes have been noted for targets, and the number of the last notice.
public struct NoticePosition: Sendable, Hashable {
  public var change: ChangePosition
  public var number = 0
  /// When the last change was written that was looked at, in milliseconds since 1970.
  public var time = 0
  /// Of the item it was read from.
  private var version: ItemVersion?

  private enum Key: String, CaseIterable { case change, number, time }

  public init(change: ChangePosition) { self.change = change }

  /// Reads what ``write`` wrote; `nil` where nothing was noted yet.
  public init?(_ item: Item?) throws(Fault) {
    guard let item else { return nil }
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the position of notices")
    let fields = try document.root.fields(Key.self)
    change = ChangePosition(text: try fields.required(.change).string())
    number = try fields.required(.number).integer(in: 0 ... .max)
    time = try fields.required(.time).integer(in: 0 ... .max)
    version = item.version
  }

  /// As it stands in another table that has the same notices: none of the changes there, so that what events say is looked through anew.
  public var elsewhere: NoticePosition {
    var position = NoticePosition(change: ChangePosition(text: "elsewhere"))
    (position.number, position.time) = (number, time)
    return position
  }

  /// On the condition that nobody has come further since it was read.
  public var write: Write {
    let json = JSONWriter.object(capacity: 128) { json in
      json.field("change", change.text)
      json.field("number", number)
      json.field("time", time)
    }
    return .put(LibraryKeys.noticesPosition, json, if: version.map { .version($0) } ?? .absent)
  }
}
