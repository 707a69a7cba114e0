public import Support

extension KeypointEvaluation {
  /// All numbers as `score --json` and `evaluate --json` print them: each metric by its name, and
  /// `per_keypoint` with NME, EPE, PCK, AUC and the kinds of errors.
  ///
  /// AP and AR of sizes that do not occur are left out; what is no number is null.
  public func json(schema: KeypointSchema) -> JSONValue {
    var object = JSONObject()
    for (name, value) in named where value != -1 { object[name] = .finite(value) }
    let perKeypoint = schema.keypoints.enumerated().map { index, name in
      var entry = JSONObject([
        ("NME", .finite(keypointNME[index])), ("EPE", .finite(keypointEPE[index])),
        ("AUC", .finite(keypointAUC[index])),
      ])
      for (threshold, shares) in zip(pck.thresholds, pck.perKeypoint) {
        entry["PCK@\(threshold)"] = .finite(shares[index])
      }
      if headPCK.values.contains(where: { !$0.isNaN }) {
        entry["PCKh@0.5"] = .finite(headPCK.perKeypoint[0][index])
      }
      let kinds = zip(KeypointErrorKind.allCases, errorKinds[index]).map {
        ($0.rawValue, JSONValue.integer(Int64($1)))
      }
      entry["errors"] = .object(JSONObject(kinds))
      return (name, JSONValue.object(entry))
    }
    object["per_keypoint"] = .object(JSONObject(perKeypoint))
    return .object(object)
  }
}
