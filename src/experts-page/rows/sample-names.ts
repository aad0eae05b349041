/** Notes of a harbour workshop, written for this page: ships, parts and people are marked. */
export const SAMPLE_NAMES = `The [bilge pump](part) of [Aurora](ship) leaks since Monday.
[Mette Dahl](person) replaced the [fuel filter](part) on [Sea Finch](ship).
[Northern Light](ship) came in with a cracked [propeller](part).
Please ask [Jonas Vik](person) whether the [starter motor](part) has arrived.
On [Marlin](ship) the [heat exchanger](part) runs hot.
[Ingrid Sol](person) wants [Sea Finch](ship) out of the water by Friday.
The [rudder bearing](part) of [Northern Light](ship) is worn.
[Aurora](ship) needs a new [anchor winch](part) before the season.
[Peter Lund](person) ordered a [gearbox](part) for [Marlin](ship).
No spare [impeller](part) is left; [Mette Dahl](person) will order two.
[Halcyon](ship) lost its [exhaust hose](part) off the point.
Tell [Ingrid Sol](person) that the [bow thruster](part) of [Halcyon](ship) works again.
We lifted [Marlin](ship) and found the [shaft seal](part) dry.
[Jonas Vik](person) will paint [Aurora](ship) next week.
The [alternator](part) on [Sea Finch](ship) gives no charge.
[Peter Lund](person) says the [radar](part) of [Northern Light](ship) is blind to the north.
[Kestrel](ship) waits for a [cooling pump](part) from the maker.
[Mette Dahl](person) checked every [hose clamp](part) on [Kestrel](ship).
The owner of [Halcyon](ship) asks for [Jonas Vik](person) by name.
[Kestrel](ship) has water in the [fuel tank](part).
Bring the [torque wrench](part) to [Aurora](ship), [Peter Lund](person) is waiting.
[Ingrid Sol](person) found rust under the [anchor winch](part) of [Marlin](ship).
The [bilge pump](part) of [Kestrel](ship) was blocked by a rag.
[Sea Finch](ship) sails on Tuesday if the [gearbox](part) is done.
[Northern Light](ship) pays for the [propeller](part) in two parts.
A [fuel filter](part) a year is enough, says [Mette Dahl](person).
[Jonas Vik](person) took the [starter motor](part) of [Halcyon](ship) to the bench.
[Aurora](ship) and [Marlin](ship) share one [shore cable](part).
The yard is closed on Sunday.
Nobody answers the telephone after five.
[Peter Lund](person) and [Ingrid Sol](person) are on holiday in July.
The [heat exchanger](part) from [Sea Finch](ship) fits [Kestrel](ship) too.`;
