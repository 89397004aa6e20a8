public import Predictions

/// What is in a film, by scene and as a whole, from what networks of classes (or detectors) said about frames of it.
///
/// On one frame, a word's score is that of its label; a kind's (`dog`) is the sum over the labels below it where the network's scores are
/// shares of one whole, because then they exclude each other and their sum is the probability that it is any of them, and the greatest
/// where they are not. Several networks, and several crops, count by the greatest. Over a scene: `score` is the mean over the time in which the word was
/// above the least score, `share` is that time's part of all that was looked at; they are sorted by the product, which is the mean over the
/// whole scene with what is unsure as 0. Keeps 8 bytes a frame and 8 for each word that counts on it.
public struct ContentSummary: Sendable {
  private let networks: [AnsweringNetwork]
  private let steps: Set<Int>
  private let vocabulary: Vocabulary
  private let settings: ContentSettings
  private var looked = LookedFrames()
  /// Words of frame `i` lie from `starts[i]` on.
  private var starts: [Int] = []
  private var counted: [(word: Int32, score: Float)] = []
  private var positions: [String: Int32] = [:]
  /// Labels that the vocabulary does not know; their numbers follow its entries.
  private var others: [String] = []

  /// `steps` are positions of the networks that say what is in a picture (`nil`: all), and not of those that judge it.
  public init(
    networks: [AnsweringNetwork], steps: Set<Int>? = nil, vocabulary: Vocabulary = .builtIn,
    settings: ContentSettings = ContentSettings()
  ) {
    self.steps = steps ?? Set(networks.indices)
    (self.networks, self.vocabulary, self.settings) = (networks, vocabulary, settings)
  }

  /// Takes what was found on the next frame in order of presentation; nothing found is an answer too.
  public mutating func add(time: Double, predictions: [Prediction]) {
    looked.add(time)
    starts.append(counted.count)
    let scores = self.scores(predictions).filter { Double($0.value) >= settings.score }
    counted += scores.map { (word: $0.key, score: $0.value) }.sorted { $0.word < $1.word }
  }

  /// The result over everything that was added.
  ///
  /// `end` is when the film ends, in seconds. Frames belong to the scene that their time lies in; where no scenes are known the film is one.
  public func finish(end: Double? = nil, scenes: [TimeSpan] = []) -> Content {
    let film = TimeSpan(start: looked.times.first ?? 0, end: looked.end(film: end))
    let spans = scenes.isEmpty ? [TimeSpan(start: min(0, film.start), end: film.end)] : scenes
    let frames = looked.times.indices
    return Content(
      vocabulary: vocabulary, networks: networks.indices.filter(steps.contains).map { networks[$0] },
      scenes: spans.map { span in
        let inside = frames.filter { scenes.isEmpty || span.contains(looked.times[$0]) }
        return Content.Scene(span: span, frames: inside.count, labels: labels(of: inside, until: span.end, end))
      },
      video: labels(of: Array(frames), until: .infinity, end))
  }

  private func labels(of frames: [Int], until limit: Double, _ end: Double?) -> [Content.Label] {
    var sums = ContentSums()
    for frame in frames {
      let time = looked.times[frame]
      let last = frame + 1 < starts.count ? starts[frame + 1] : counted.count
      let long = max(0, min(looked.end(of: frame, film: end), limit) - time)
      sums.add(counted[starts[frame]..<last], at: time, for: long)
    }
    return sums.labels(settings, vocabulary, others)
  }
}

/// One frame's words.
extension ContentSummary {
  private struct Group: Hashable {
    let step: Int
    let parent: Int?
  }

  private mutating func scores(_ predictions: [Prediction]) -> [Int32: Float] {
    var groups: [Group: [Int32: Float]] = [:]
    for prediction in predictions where steps.contains(prediction.step) {
      guard let label = prediction.label, let score = prediction.score, score.isFinite, score > 0 else { continue }
      // two answers of one network with one label, such as two boxes, are one sight of it
      let group = Group(step: prediction.step, parent: prediction.kind == .classification ? prediction.parent : nil)
      let word = self.word(label)
      groups[group, default: [:]][word] = max(groups[group]?[word] ?? 0, min(1, score))
    }
    var scores: [Int32: Float] = [:]
    for (group, words) in groups {
      let adds = networks.indices.contains(group.step) && networks[group.step].isExclusive
      scores.merge(withAncestors(words, adding: adds), uniquingKeysWith: max)
    }
    return scores
  }

  private func withAncestors(_ words: [Int32: Float], adding: Bool) -> [Int32: Float] {
    var scores = words
    // in one order: sums of fractions depend on it in their last digits
    for (word, score) in words.sorted(by: { $0.key < $1.key }) where Int(word) < vocabulary.entries.count {
      for above in vocabulary.entries[Int(word)].ancestors {
        let sum = scores[Int32(above)] ?? 0
        scores[Int32(above)] = adding ? min(1, sum + score) : max(sum, score)
      }
    }
    return scores
  }

  private mutating func word(_ label: String) -> Int32 {
    if let known = positions[label] { return known }
    let position = vocabulary.position(of: label) ?? vocabulary.entries.count + others.count
    if position == vocabulary.entries.count + others.count { others.append(label) }
    positions[label] = Int32(position)
    return Int32(position)
  }
}
