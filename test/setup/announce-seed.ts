/** Says which seed this run uses, and how to use it again. Runs once, before any test. */
export default function announceSeed(): void {
  const seed = process.env.TEST_SEED ?? '';
  process.stdout.write(`seed ${seed} (the same again: TEST_SEED=${seed} npm test)\n`);
}
