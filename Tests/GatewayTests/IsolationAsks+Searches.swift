/// What searches, alerts and links take.
extension ForeignNames {
  func ofSearches(_ operation: String) -> [ForeignAsk]? {
    func asks(_ method: String, _ path: String) -> [ForeignAsk] {
      ["", "?client=\(client)"].map { ForeignAsk(method: method, path: "/v1/search/\(path)\($0)") }
    }
    func post(_ path: String, _ body: String) -> [ForeignAsk] {
      [ForeignAsk(method: "POST", path: "/v1/search/\(path)?client=\(client)", body: body)]
    }
    switch operation {
    case "search", "explainSearch":
      let path = operation == "search" ? "/v1/search" : "/v1/search/explanation"
      let queries = ["label:*", "of-\(word)", "stream:of-\(word)", "text:\(word)", "-car%20after:2020-01-01"]
      return queries.map { ForeignAsk(path: "\(path)?client=\(client)&q=\($0)") }
        + [
          ForeignAsk(path: "\(path)?q=of-\(word)"), ForeignAsk(path: "\(path)?q=stream:of-\(word)%20then%20of-\(word)"),
        ]
    case "completeSearch":
      return ["", "of-", "label:of-", "stream:", "zone:of-", "asset:", "rule:", "is:"].map {
        ForeignAsk(path: "/v1/search/completions?client=\(client)&q=\($0)")
      } + [ForeignAsk(path: "/v1/search/completions?q=label:of-\(word)")]
    case "searchSimilar", "searchSimilarToPicture", "searchDuplicates", "searchWords": return likeness(operation)
    case "listAlerts": return [ForeignAsk(path: "/v1/search/alerts?client=\(client)")]
    case "addAlert": return post("alerts", #"{"name":"of-\#(word)","query":"of-\#(word)"}"#)
    case "removeAlert": return asks("DELETE", "alerts/of-\(word)")
    case "listShares": return [ForeignAsk(path: "/v1/search/shares?client=\(client)")]
    case "addShare": return post("shares", #"{"query":"of-\#(word)"}"#)
    case "revokeShare": return asks("DELETE", "shares/\(share)")
    case "listShareUses": return asks("GET", "shares/\(share)/uses")
    default: return nil
    }
  }

  private func likeness(_ operation: String) -> [ForeignAsk] {
    let words = ["", "&model=of-\(word)", "&series=of-\(word)", "&q=of-\(word)", "&q=asset:\(asset)"]
    switch operation {
    case "searchSimilar":
      return words.flatMap { word in
        ["client=\(client)&asset=\(asset)", "asset=\(asset)&time=1"].map {
          ForeignAsk(path: "/v1/search/similar?\($0)\(word)")
        }
      }
    case "searchSimilarToPicture":
      return words.map { ForeignAsk(method: "POST", path: "/v1/search/similar?client=\(client)\($0)", body: "picture") }
    case "searchWords":
      return (words + ["&text_model=of-\(word)"]).map {
        ForeignAsk(path: "/v1/search/words?client=\(client)&words=of-\(word)\($0)")
      }
    default: return words.map { ForeignAsk(path: "/v1/search/duplicates?client=\(client)\($0)") }
    }
  }
}
