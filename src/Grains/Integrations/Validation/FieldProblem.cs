using NangoOrleans.Failures;

namespace NangoOrleans.Integrations.Validation;

/// <summary>What is wrong with one field of a spec, and what to do about it.</summary>
/// <param name="Field">Path of the field, for instance <c>spec.credentials.type</c>.</param>
/// <param name="Remedy">Rest of the sentence; never quotes a sensitive value.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
public sealed record FieldProblem(string Field, string Remedy, string Reason = Reasons.InvalidSpec)
{
    /// <summary>The first problem as a terminal failure; further ones are counted.</summary>
    /// <param name="problems">At least one.</param>
    public static Failure ToFailure(IReadOnlyList<FieldProblem> problems)
    {
        var first = problems[0];
        var more = problems.Count > 1
            ? $" ({problems.Count - 1} more: {string.Join(", ", problems.Skip(1).Select(p => p.Field).Distinct(StringComparer.Ordinal))})"
            : "";
        return new Failure(FailureKind.Terminal, first.Reason, $"{first.Field} {first.Remedy}{more}");
    }
}
