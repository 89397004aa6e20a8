internal import Base

/// COCO's twelve figures for boxes, and the first three by category; `nil` where no object has to be found.
public struct AveragePrecision: Sendable, Hashable {
  /// Mean over overlaps of .50 to .95, over 101 recalls and over categories.
  public private(set) var ap: Double?
  public private(set) var ap50: Double?
  public private(set) var ap75: Double?
  /// Of objects below 32 x 32, up to 96 x 96, and larger.
  public private(set) var small: Double?
  public private(set) var medium: Double?
  public private(set) var large: Double?
  /// The share of objects that is found with 1, 10 and 100 answers a picture and category.
  public private(set) var recall1: Double?
  public private(set) var recall10: Double?
  public private(set) var recall100: Double?
  public private(set) var recallSmall: Double?
  public private(set) var recallMedium: Double?
  public private(set) var recallLarge: Double?
  /// By category: AP, AP50 and AP75.
  public private(set) var categories: [Curve?]

  /// What is told of one category.
  public struct Curve: Sendable, Hashable {
    public let ap: Double
    public let ap50: Double
    public let ap75: Double
  }

  /// COCO's ranges of areas in square pixels: all, small, medium, large.
  static let areas: [ClosedRange<Double>] = [0...1e10, 0...1024, 1024...9216, 9216...1e10]

  /// `samples` in an order that decides between answers of equal score; `categories` is how many there are.
  public init(_ samples: [DetectionSample], categories count: Int) {
    var (all, ranges) = ([Figures?](), [[Figures?]](repeating: [], count: 3))
    var (one, ten) = ([Figures?](), [Figures?]())
    for category in 0..<count {
      let concerned = samples.filter { sample in
        sample.objects.contains { $0.category == category } || sample.found.contains { $0.category == category }
      }
      for (place, area) in Self.areas.enumerated() {
        let matches = concerned.map { PictureMatches($0, category: category, area: area) }
        guard place == 0 else {
          ranges[place - 1].append(Figures(matches, most: 100))
          continue
        }
        all.append(Figures(matches, most: 100))
        one.append(Figures(matches, most: 1))
        ten.append(Figures(matches, most: 10))
      }
    }
    categories = all.map { $0.map { Curve(ap: $0.ap, ap50: $0.precision[0], ap75: $0.precision[5]) } }
    (ap, recall100) = (Self.mean(all.map(\.?.ap)), Self.mean(all.map(\.?.ar)))
    (ap50, ap75) = (Self.mean(all.map { $0?.precision[0] }), Self.mean(all.map { $0?.precision[5] }))
    (small, medium, large) = (
      Self.mean(ranges[0].map(\.?.ap)), Self.mean(ranges[1].map(\.?.ap)), Self.mean(ranges[2].map(\.?.ap))
    )
    (recall1, recall10) = (Self.mean(one.map(\.?.ar)), Self.mean(ten.map(\.?.ar)))
    (recallSmall, recallMedium, recallLarge) = (
      Self.mean(ranges[0].map(\.?.ar)), Self.mean(ranges[1].map(\.?.ar)), Self.mean(ranges[2].map(\.?.ar))
    )
  }

  /// The twelve, by the names that COCO's tools give them.
  public var figures: [(name: String, value: Double?)] {
    [
      ("ap", ap), ("ap50", ap50), ("ap75", ap75), ("ap_small", small), ("ap_medium", medium), ("ap_large", large),
      ("ar1", recall1), ("ar10", recall10), ("ar100", recall100), ("ar_small", recallSmall),
      ("ar_medium", recallMedium), ("ar_large", recallLarge),
    ]
  }

  private static func mean(_ values: [Double?]) -> Double? {
    let known = values.compactMap(\.self)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
}

/// Of one category, one range of areas and one limit of answers.
private struct Figures {
  /// At each overlap: the mean precision over 101 recalls, and the greatest recall.
  private(set) var precision: [Double] = []
  private(set) var recall: [Double] = []

  var ap: Double { precision.reduce(0, +) / Double(precision.count) }
  var ar: Double { recall.reduce(0, +) / Double(recall.count) }

  init?(_ matches: [PictureMatches], most: Int) {
    let wanted = matches.reduce(0) { $0 + $1.wanted }
    guard wanted > 0 else { return nil }
    let answers = matches.flatMap { $0.answers.prefix(most) }.enumerated()
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
    for number in PictureMatches.overlaps.indices {
      let bit: UInt16 = 1 << number
      var (right, wrong) = (0.0, 0.0)
      var (recalls, precisions) = ([Double](), [Double]())
      for answer in answers {
        if answer.ignored & bit == 0 { if answer.matched & bit != 0 { right += 1 } else { wrong += 1 } }
        recalls.append(right / Double(wanted))
        precisions.append(right + wrong > 0 ? right / (right + wrong) : 0)
      }
      for place in precisions.indices.reversed().dropFirst() {
        precisions[place] = max(precisions[place], precisions[place + 1])
      }
      precision.append(Self.mean(precisions, at: recalls))
      recall.append(recalls.last ?? 0)
    }
  }

  /// Over recalls of 0, .01, … 1: the precision where each is reached first, 0 where it is not.
  private static func mean(_ precisions: [Double], at recalls: [Double]) -> Double {
    var (sum, place) = (0.0, 0)
    for step in 0...100 {
      while place < recalls.count, recalls[place] < Double(step) * 0.01 { place += 1 }
      if place < recalls.count { sum += precisions[place] }
    }
    return sum / 101
  }
}
