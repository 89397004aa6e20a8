internal import Base
internal import Catalog
internal import Items
internal import Store

/// What a change means to those that follow what ends in streams.
enum EndedMoment {
  /// Nothing that they want.
  case none
  /// An event ended whose moment is not written yet: it comes.
  case notYet
  case moment(Moment)

  init(_ change: Change, in table: any Table, where isWanted: (StreamEvent) -> Bool) throws(Fault) {
    self = .none
    guard MomentReader.isEvent(change.key), let item = change.after, let event = try? StreamEvent(item) else { return }
    guard event.kind == .event, event.state == .over, !event.stream.isEmpty, isWanted(event) else { return }
    let found = try table.get([Moment(event).itemKey, change.key])
    if let item = found[0], case let moment = try Moment(item), !moment.isOpen {
      self = .moment(moment)
    } else if found[1] != nil {
      self = .notYet
    }
  }
}
