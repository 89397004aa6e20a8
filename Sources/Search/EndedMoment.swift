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
  /// An event ended whose moment cannot be read.
  case damaged(AnswerGap)

  init(_ change: Change, in table: any Table, where isWanted: (StreamEvent) -> Bool) throws(Fault) {
    self = .none
    guard MomentReader.isEvent(change.key), let item = change.after, let event = try? StreamEvent(item) else { return }
    guard event.kind == .event, event.state == .over, !event.stream.isEmpty, isWanted(event) else { return }
    let found = try table.get([Moment(event).itemKey, change.key])
    var gaps: [AnswerGap] = []
    let moment = try found[0].flatMap { (item) throws(Fault) in try gaps.reading(item, Moment.init) }
    if let gap = gaps.first {
      self = .damaged(gap)
    } else if let moment, !moment.isOpen {
      self = .moment(moment)
    } else if found[1] != nil {
      self = .notYet
    }
  }
}
