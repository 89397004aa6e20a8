/// Words over the frames of a scene.
struct ContentSums {
  private struct Sum {
    var frames = 0
    var seconds = 0.0
    /// Score times seconds, and score alone for what has no length.
    var weighted = 0.0
    var total = 0.0
    var first = 0.0
  }

  private var sums: [Int32: Sum] = [:]
  private var frames = 0
  private var seconds = 0.0

  mutating func add(_ words: ArraySlice<(word: Int32, score: Float)>, at time: Double, for long: Double) {
    frames += 1
    seconds += long
    for (word, score) in words {
      var sum = sums[word] ?? Sum(first: time)
      sum.frames += 1
      sum.seconds += long
      sum.weighted += Double(score) * long
      sum.total += Double(score)
      sums[word] = sum
    }
  }

  /// What is told: counted often enough, and no kind that says nothing beyond a word below it.
  func labels(_ settings: ContentSettings, _ vocabulary: Vocabulary, _ others: [String]) -> [Content.Label] {
    let least = min(settings.frames, frames)
    var found: [(word: Int, label: Content.Label)] = []
    for (word, sum) in sums where sum.frames >= least {
      found.append((Int(word), label(Int(word), sum, vocabulary, others)))
    }
    let covered = self.covered(found, vocabulary)
    let told = found.filter { !covered.contains($0.word) }.map(\.label)
    return Array(told.sorted { ($1.presence, $0.id) < ($0.presence, $1.id) }.prefix(settings.labels))
  }

  private func label(_ word: Int, _ sum: Sum, _ vocabulary: Vocabulary, _ others: [String]) -> Content.Label {
    let score = sum.seconds > 0 ? sum.weighted / sum.seconds : sum.total / Double(sum.frames)
    // frames without length, such as a picture alone, count as one each
    let share = seconds > 0 ? sum.seconds / seconds : Double(sum.frames) / Double(frames)
    guard word < vocabulary.entries.count else {
      let name = others[word - vocabulary.entries.count]
      return Content.Label(id: name, name: name, score: score, firstSeen: sum.first, share: share, parents: [])
    }
    let entry = vocabulary.entries[word]
    return Content.Label(
      id: entry.id, name: entry.name, score: score, firstSeen: sum.first, share: share,
      parents: vocabulary.ancestors(of: entry))
  }

  /// Kinds of which one word below has nine tenths already.
  private func covered(_ found: [(word: Int, label: Content.Label)], _ vocabulary: Vocabulary) -> Set<Int> {
    let presence = Dictionary(uniqueKeysWithValues: found.map { ($0.word, $0.label.presence) })
    var covered: Set<Int> = []
    for (word, label) in found where word < vocabulary.entries.count {
      for above in vocabulary.entries[word].ancestors {
        if let other = presence[above], label.presence >= 0.9 * other { covered.insert(above) }
      }
    }
    return covered
  }
}
