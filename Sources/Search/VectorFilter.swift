internal import Base
internal import Catalog
internal import Library
internal import SearchLanguage
internal import Vectors

/// Which frames may be found: those that a query of one step has moments of, or, where it asks for assets, series and times alone, those that it is true of.
struct VectorFilter {
  private enum Kind {
    case frames(Condition)
    /// Seconds of the film, by asset.
    case moments([ULID: [ClosedRange<Double>]])
  }

  private let kind: Kind
  /// What it may lack.
  private(set) var gaps: [AnswerGap] = []

  /// Moments that a filter looks up, at most.
  static let mostMoments = 50_000

  init(_ query: SearchQuery, client: String, scope: ClientScope, _ library: Library) throws(Fault) {
    guard query.steps.count == 1 else {
      throw Fault(.badInput, "what limits a search by likeness is one step: leave 'then' and 'near' away")
    }
    let condition = query.steps[0].condition
    if Self.isOfFrames(condition) {
      kind = .frames(condition)
      return
    }
    var gaps: [AnswerGap] = []
    var (spans, count, token) = ([ULID: [ClosedRange<Double>]](), 0, String?.none)
    repeat {
      let page = try MomentDesk(library).search(query, client: client, scope: scope, limit: 1000, after: token)
      for chain in page.found {
        guard case .asset(let id) = chain[0].source, let offset = chain[0].offset else { continue }
        let (from, to) = (Double(offset), Double(offset + chain[0].to - chain[0].from))
        // Moments are kept in whole milliseconds.
        spans[id, default: []].append((from - 0.5) / 1000...(to + 0.5) / 1000)
      }
      gaps.note(page.incomplete)
      count += page.found.count
      guard count <= Self.mostMoments else {
        throw Fault(.badInput, "more than \(Self.mostMoments) moments are what limits this search: say more of them")
      }
      token = page.next
    } while token != nil
    (kind, self.gaps) = (.moments(spans), gaps)
  }

  private static func isOfFrames(_ condition: Condition) -> Bool {
    switch condition {
    case .name(let field, _): [.asset, .series].contains(field)
    case .began, .daily: true
    case .all(let parts), .any(let parts): parts.allSatisfy(isOfFrames)
    case .not(let part): isOfFrames(part)
    default: false
    }
  }

  /// It asks when a film was taken.
  var needsTimes: Bool {
    guard case .frames(let condition) = kind else { return false }
    return Self.hasTimes(condition)
  }

  private static func hasTimes(_ condition: Condition) -> Bool {
    switch condition {
    case .began, .daily: true
    case .all(let parts), .any(let parts): parts.contains(where: hasTimes)
    case .not(let part): hasTimes(part)
    default: false
    }
  }

  /// The rows of a film that may be found; `base` is when it was taken, in milliseconds since 1970.
  func rows(_ head: MomentHead, base: Int, of group: VectorSet.Group, in set: VectorSet) -> [Range<Int>] {
    switch kind {
    case .moments(let spans):
      var rows: [Range<Int>] = []
      for some in (spans[head.asset] ?? []).map({ set.rows(in: $0, of: group) }).sorted(by: {
        ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
      }) where !some.isEmpty {
        if let last = rows.last, some.lowerBound <= last.upperBound {
          rows[rows.count - 1] = last.lowerBound..<max(last.upperBound, some.upperBound)
        } else {
          rows.append(some)
        }
      }
      return rows
    case .frames(let condition):
      guard needsTimes else { return matches(condition, head, at: base) ? [0..<group.count] : [] }
      var rows: [Range<Int>] = []
      for row in 0..<group.count {
        let time = set.place(row, in: group).time
        guard matches(condition, head, at: base + AnalysisMoments.milliseconds(time)) else { continue }
        if let last = rows.last, last.upperBound == row {
          rows[rows.count - 1] = last.lowerBound..<row + 1
        } else {
          rows.append(row..<row + 1)
        }
      }
      return rows
    }
  }

  /// Whether it lets anything of a film through, as far as that can be said without its vectors.
  func mayHave(_ asset: ULID) -> Bool {
    if case .moments(let spans) = kind { return spans[asset] != nil }
    return true
  }

  /// Whether it lets a film through as a whole, by when it began.
  func mayHave(_ head: MomentHead, base: Int) -> Bool {
    if case .frames(let condition) = kind { return matches(condition, head, at: base) }
    return mayHave(head.asset)
  }

  private func matches(_ condition: Condition, _ head: MomentHead, at time: Int) -> Bool {
    condition.matches(
      Moment(
        id: "", client: head.client, source: .asset(head.asset), kind: .sight, from: time, to: time,
        series: head.series))
  }
}
