internal import Base

extension Report {
  /// Frames that are damaged or missing.
  var corruptFrames: Markup {
    let corrupt = summary.corrupt
    guard corrupt.count > 0 else { return .nothing }
    let rows = corrupt.examples.map { example -> Markup in
      "<tr><td>\(example.time.map { NumberFormat.clock($0, tenths: true) } ?? "–")</td><td><bdi>\(example.reason)</bdi></td></tr>"
    }
    let rest = corrupt.count - corrupt.examples.count
    let more: Markup = rest > 0 ? "<p class=\"hint\">and \(NumberFormat.grouped(rest)) more</p>" : ""
    let body: Markup = """
      <div class="scroll" tabindex="0" role="region" aria-labelledby="corrupt">
      <table class="reasons"><thead><tr><th scope="col">Time</th><th scope="col">Reason</th></tr></thead>
      <tbody>
      \(rows)
      </tbody></table></div>
      \(more)
      """
    return panel("corrupt", "Damaged or missing frames", body)
  }

  /// All that is needed to get the same answer again.
  var provenance: Markup {
    let decoded = summary.framesDecoded > 0 ? NumberFormat.grouped(summary.framesDecoded) : ""
    let facts = [
      ("File", summary.path), ("Model", header.modelName), ("Digest", header.modelDigest),
      ("Models", header.models.count > 1 ? header.models.joined(separator: ", ") : ""),
      ("Pipeline", header.pipelineDigest), ("Steps", steps),
      ("Network input", header.networkInput), ("Precision", header.precision), ("Engine", header.engine),
      ("Device", header.device), ("Sampling", header.sampling), ("Frames decoded", decoded),
      ("Started", header.started), ("Ridley", header.ridleyVersion),
    ]
    let rows = facts.filter { !$0.1.isEmpty }
      .map { "<div><dt>\($0.0)</dt><dd><bdi>\($0.1)</bdi></dd></div>" as Markup }
    return panel("provenance", "Provenance", "<dl class=\"origin\">\n\(rows)\n</dl>")
  }

  /// What each step did, in a line.
  private var steps: String {
    summary.steps.map { step in
      let counts = step.counts.map { "\($0.name.replacing("_", with: " ")) \(NumberFormat.grouped($0.value))" }
      return "\(step.name ?? step.kind): \(counts.joined(separator: ", "))"
    }.joined(separator: "; ")
  }
}
