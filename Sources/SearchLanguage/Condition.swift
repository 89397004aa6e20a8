/// What is asked of one moment.
public indirect enum Condition: Sendable, Hashable {
  /// Of none: everything.
  case all([Condition])
  /// Of none: nothing.
  case any([Condition])
  case not(Condition)
  case name(Field, Pattern)
  /// Words that stand in this order, one behind the other, in the text that was read.
  case text(Phrase)
  case score(ClosedRange<Double>)
  /// Milliseconds from beginning to end.
  case duration(ClosedRange<Int>)
  case track(Int)
  /// It began in these milliseconds since 1970.
  case began(Range<Int>)
  /// It began at a time of day.
  case daily(DailyTime)
  case open(Bool)

  /// What a moment is called by.
  public enum Field: String, Sendable, Hashable, CaseIterable {
    case label, zone, stream, asset, trait, rule, kind, series
  }
}
