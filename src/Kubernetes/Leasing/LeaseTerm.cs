namespace NangoOrleans.Kubernetes.Leasing;

/// <summary>One unbroken time of leading.</summary>
/// <param name="Number">The Lease's <c>leaseTransitions</c>: grows with every change of the holder, and stays when the same identity takes over from itself.</param>
/// <param name="AcquiredAt">When it began, by our clock.</param>
/// <param name="WasHandedOver">True when the predecessor gave the Lease back, no more than a minute ago by the clocks of both.</param>
public sealed record LeaseTerm(int Number, DateTimeOffset AcquiredAt, bool WasHandedOver = false);

/// <summary>Whom the Lease names, as last seen. Times are those at which we saw it: the clocks of others do not matter.</summary>
/// <param name="Identity">Who holds it, or held it last if nobody has taken it since.</param>
/// <param name="LastRenewed">When we saw its record change for the last time.</param>
/// <param name="Renewals">How often we saw this holder renew; 0: only found in the Lease, it may be long dead.</param>
public sealed record LeaseHolder(string Identity, DateTimeOffset LastRenewed, int Renewals);
